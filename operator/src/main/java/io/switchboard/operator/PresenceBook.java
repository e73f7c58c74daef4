package io.switchboard.operator;

import io.switchboard.operator.Findings.Presence;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who came and who left, by the topic of presence: what each edge said last of each agent. News,
/// not truth: an edge that died says nothing. A release before this one wrote one record an agent,
/// whichever edge it was.
///
/// Immutable once read.
final class PresenceBook {
    /// By agent address, then by edge id.
    private final Map<String, Map<String, Presence>> agents = new HashMap<>();

    PresenceBook() {}

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

    void add(byte @Nullable [] key, byte @Nullable [] value) {
        var node = value == null ? null : Json.readObject(value);
        if (key == null || node == null || !node.has("online")) {
            return;
        }
        var agent = node.path("agent").asText(new String(key, StandardCharsets.UTF_8));
        var edge = node.path("edge").asText();
        agents.computeIfAbsent(agent, _ -> new HashMap<>())
                .put(
                        edge.substring(0, Math.max(0, edge.lastIndexOf('.'))),
                        new Presence(
                                node.path("online").asBoolean(),
                                Instant.ofEpochMilli(node.path("at").asLong())));
    }

    /// Since when the agent is at one of the edges where it is now, or, where it is at none, what
    /// was heard of it last. Null when nothing was.
    ///
    /// @param edges where the inbox says that it is
    @Nullable Presence of(Address agent, Collection<EdgeRef> edges) {
        var heard = agents.getOrDefault(agent.toString(), Map.of());
        if (edges.isEmpty()) {
            return heard.values().stream().max(Comparator.comparing(Presence::since)).orElse(null);
        }
        return edges.stream()
                .map(edge -> heard.get(edge.id()))
                .filter(each -> each != null && each.online())
                .min(Comparator.comparing(Presence::since))
                .orElse(null);
    }
}
