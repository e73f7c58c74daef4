package io.switchboard.producer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// JSON objects one after another, in a file or as they come through a pipe.
///
/// *Used by one thread.*
final class Envelopes implements AutoCloseable {
    private final String source;
    private final MappingIterator<JsonNode> values;
    private int count;

    private Envelopes(String source, MappingIterator<JsonNode> values) {
        this.source = source;
        this.values = values;
    }

    static Envelopes of(ObjectNode one) {
        try {
            return new Envelopes(
                    "flags", Json.MAPPER.readerFor(JsonNode.class).readValues(Json.bytes(one)));
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory that cannot be read", e);
        }
    }

    static Envelopes read(Path file) {
        try {
            return read(file.toString(), Files.newInputStream(file));
        } catch (IOException _) {
            throw new Unusable("--file: '%s' cannot be read (expected: JSON)".formatted(file));
        }
    }

    static Envelopes read(String source, InputStream in) {
        try {
            return new Envelopes(source, Json.MAPPER.readerFor(JsonNode.class).readValues(in));
        } catch (IOException e) {
            throw new Failure("%s: %s".formatted(source, e.getMessage()), e);
        }
    }

    boolean hasNext() {
        try {
            return values.hasNextValue();
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    ObjectNode next() {
        count++;
        try {
            var value = values.nextValue();
            if (value instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw malformed(e);
        }
        throw new Failure(
                "%s: value %d is not an object (expected: an envelope)".formatted(source, count));
    }

    @Override
    public void close() throws IOException {
        values.close();
    }

    private Failure malformed(IOException e) {
        @Nullable String message =
                e instanceof JsonProcessingException json
                        ? "line %d: %s"
                                .formatted(
                                        json.getLocation() == null
                                                ? 0
                                                : json.getLocation().getLineNr(),
                                        json.getOriginalMessage())
                        : e.getMessage();
        return new Failure(
                "%s: %s (expected: JSON; %d before it were sent)".formatted(source, message, count),
                e);
    }
}
