package io.switchboard.schemas;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// The published JSON Schemas, as validators.
final class Schemas {
    static final Consumer<ExecutionContext> WITH_FORMATS =
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true));

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private Schemas() {}

    static Schema envelope() {
        return REGISTRY.getSchema(text("envelope.schema.json"));
    }

    /// @param side `client` or `server`
    static Schema frames(String side) {
        return REGISTRY.getSchema(
                text("frames.schema.json")
                        .replaceFirst(
                                "\"anyOf\": \\[.*\\]\n", "\"\\$ref\": \"#/\\$defs/" + side + "\"\n")
                        .replace("urn:switchboard:schema:frames", "urn:test:" + side));
    }

    static String text(String name) {
        try (InputStream in = Envelope.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
