package io.switchboard.operator;

import io.switchboard.operator.Findings.Presence;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who came and who left, by the topic of presence. News, not truth: an edge that died says
/// nothing.
///
/// Immutable once read.
final class PresenceBook {
    private final Map<String, Presence> agents = new HashMap<>();

    private PresenceBook() {}

    static PresenceBook read(KafkaLink kafka) {
        var book = new PresenceBook();
        var reader = kafka.reader();
        reader.read(
                reader.all(reader.partitions(Topics.PRESENCE)),
                record -> {
                    book.add(record.key(), record.value());
                    return true;
                });
        return book;
    }

    private void add(byte @Nullable [] key, byte @Nullable [] value) {
        var node = value == null ? null : Json.readObject(value);
        if (key == null || node == null) {
            return;
        }
        agents.put(
                new String(key, StandardCharsets.UTF_8),
                new Presence(
                        node.path("online").asBoolean(),
                        Instant.ofEpochMilli(node.path("at").asLong())));
    }

    /// Null when nothing was heard of it.
    @Nullable Presence of(Object agentAddress) {
        return agents.get(agentAddress.toString());
    }
}
