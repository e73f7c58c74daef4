package io.switchboard.schemas;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What an operator tells every process, on [Topics#CONTROL]: compacted, so that a process that
/// starts later hears it as well.
///
/// Keys are `block:<app>`, `kick:<app>/<uuid>`, `drain:<edge>` and `lanes:<events topic>`; values
/// are `{"at":…}` in RFC 3339 and what the command needs besides. A key without a value takes the
/// command back.
///
/// No command is obeyed by comparing the clocks of two machines: `at` is for people.
///
/// Immutable.
public sealed interface ControlCommand {
    /// When it was given, by the operator's clock.
    Instant at();

    String keyText();

    default byte[] key() {
        return keyText().getBytes(StandardCharsets.UTF_8);
    }

    default byte[] value() {
        return Json.bytes(Json.object().put("at", at().toString()));
    }

    /// Until it is taken back, the app's producers are refused and its browsers are closed and
    /// kept out, whatever the apps file says.
    record Block(String app, Instant at) implements ControlCommand {
        public Block {
            new Address.App(app);
        }

        @Override
        public String keyText() {
            return "block:" + app;
        }
    }

    /// Connections of this agent that are open when an edge hears this are closed
    /// ([CloseCode#KICKED]). What was said before the edge listened concerns none of its
    /// connections. The agent may come back with a good token: to keep it out, end its token.
    record Kick(Address.Agent agent, Instant at) implements ControlCommand {
        @Override
        public String keyText() {
            return "kick:" + agent.app() + "/" + agent.uuid();
        }
    }

    /// The edge node drains and ends, if it began with this incarnation or an earlier one: a
    /// process that is started again under the same id serves.
    ///
    /// @param incarnation null: given by a release that did not say it
    record Drain(String edge, @Nullable Long incarnation, Instant at) implements ControlCommand {
        public Drain {
            new EdgeRef(edge, 0);
        }

        @Override
        public byte[] value() {
            var node = Json.object().put("at", at.toString());
            return Json.bytes(incarnation == null ? node : node.put("incarnation", incarnation));
        }

        @Override
        public String keyText() {
            return "drain:" + edge;
        }
    }

    /// The lanes of the events topic: how they grew, and whether they are growing now. It is never
    /// taken back once they have grown: where events lie follows from it.
    ///
    /// @param tag of the life of the topic that it speaks of
    /// @param from how many there were before the latest growth
    /// @param to how many there are, or will be
    /// @param grown all that is done, the oldest first
    record Lanes(
            String topic, String tag, Step step, int from, int to, List<Growth> grown, Instant at)
            implements ControlCommand {
        public Lanes {
            Growth.checkCounts(from, to);
            grown = List.copyOf(grown);
        }

        /// How far a growth is.
        public enum Step {
            /// Front doors accept nothing; dispatchers finish what is there.
            HOLD,
            /// Dispatchers end, and do not begin.
            STOP,
            /// Everybody works, with the new count.
            DONE
        }

        @Override
        public String keyText() {
            return "lanes:" + topic;
        }

        @Override
        public byte[] value() {
            var node =
                    Json.object()
                            .put("at", at.toString())
                            .put("tag", tag)
                            .put("step", step.name().toLowerCase(Locale.ROOT))
                            .put("from", from)
                            .put("to", to);
            var list = node.putArray("grown");
            grown.forEach(each -> list.add(each.toJson()));
            return Json.bytes(node);
        }

        static Lanes of(String topic, ObjectNode node, Instant at) {
            var grown = new ArrayList<Growth>();
            node.path("grown").forEach(each -> grown.add(Growth.of(each)));
            return new Lanes(
                    topic,
                    node.path("tag").asText(),
                    Step.valueOf(node.path("step").asText().toUpperCase(Locale.ROOT)),
                    node.path("from").asInt(),
                    node.path("to").asInt(),
                    grown,
                    at);
        }
    }

    /// What a record of the topic says about its key.
    ///
    /// @param command null: the command of this key is taken back
    record Read(String key, @Nullable ControlCommand command) {}

    /// @throws IllegalArgumentException when it is no command of this version: readers skip it
    static Read decode(byte[] key, byte @Nullable [] value) {
        var text = new String(key, StandardCharsets.UTF_8);
        if (value == null) {
            return new Read(text, null);
        }
        var node = Json.readObject(value);
        if (node == null || !node.path("at").isTextual()) {
            throw new IllegalArgumentException(
                    "control command '%s': no time (expected: {\"at\":…})".formatted(text));
        }
        Instant at;
        try {
            at = Instant.parse(node.path("at").textValue());
        } catch (java.time.DateTimeException e) {
            throw new IllegalArgumentException(
                    "control command '%s': at %s (expected: an RFC 3339 time)"
                            .formatted(text, node.path("at")),
                    e);
        }
        return new Read(text, command(text, node, at));
    }

    private static ControlCommand command(String key, ObjectNode node, Instant at) {
        var colon = key.indexOf(':');
        var thing = key.substring(colon + 1);
        return switch (key.substring(0, Math.max(0, colon))) {
            case "block" -> new Block(thing, at);
            case "kick" -> {
                if (Address.parse("agent:" + thing) instanceof Address.Agent agent) {
                    yield new Kick(agent, at);
                }
                throw new IllegalStateException("an agent's address that is none");
            }
            case "drain" -> {
                var incarnation = node.path("incarnation");
                yield new Drain(
                        thing, incarnation.isIntegralNumber() ? incarnation.longValue() : null, at);
            }
            case "lanes" -> Lanes.of(thing, node, at);
            default ->
                    throw new IllegalArgumentException(
                            "control command '%s' (expected: block:<app>, kick:<app>/<uuid>, drain:<edge> or lanes:<topic>)"
                                    .formatted(key));
        };
    }
}
