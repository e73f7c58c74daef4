package io.switchboard.systemtests;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What producers, browsers and whoever broke things did, in the order in which they said so.
///
/// An event is named by its id. A *page* is one life of a browser's page: it keeps its positions
/// over any number of connections, and "once" is promised to it.
///
/// Thread-safe.
public final class History {
    private final InstantSource clock;
    private final List<Line> lines = new ArrayList<>();

    public History(InstantSource clock) {
        this.clock = clock;
    }

    public void add(Line.Event event) {
        synchronized (lines) {
            lines.add(new Line(clock.millis(), event));
        }
    }

    public List<Line> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /// @param at milliseconds since the epoch (of the simulation: since its start)
    public record Line(long at, Event event) {

        /// What happened.
        public sealed interface Event {}
    }

    /// A producer is about to send; from here on the event may be seen.
    public record Produced(String event, Address address) implements Line.Event {}

    /// The producer was told that it is kept: 202, or acknowledged by Kafka. From here on it must
    /// not be lost.
    public record Promised(String event) implements Line.Event {}

    /// The producer was told that it is refused, at once or by a receipt.
    public record Receipted(Receipt receipt) implements Line.Event {}

    /// @param positions what the page remembers from an earlier life of the tab; usually nothing
    public record Opened(
            String page, Address.Agent agent, Set<String> roles, Map<String, Position> positions)
            implements Line.Event {
        public Opened {
            roles = Set.copyOf(roles);
            positions = Map.copyOf(positions);
        }

        boolean hears(Address address) {
            return switch (address) {
                case Address.Agent a -> a.equals(agent);
                case Address.Role r -> r.app().equals(agent.app()) && roles.contains(r.role());
                case Address.App a -> a.app().equals(agent.app());
            };
        }

        Address address(String feed) {
            if (feed.equals("agent")) {
                return agent;
            }
            return feed.equals("app")
                    ? new Address.App(agent.app())
                    : new Address.Role(agent.app(), feed.substring("role:".length()));
        }
    }

    /// The edge said ONLINE.
    public record Online(String page) implements Line.Event {}

    /// The page has no connection any more.
    public record Offline(String page) implements Line.Event {}

    /// The page's handler returned from this event.
    ///
    /// @param key the id, and the redelivery's id if it is one
    public record Handled(String page, String feed, Key key, Position position)
            implements Line.Event {}

    /// A frame that the page already had, kept from the handler by its window of ids.
    public record Suppressed(String page, Key key) implements Line.Event {}

    /// The page was told that what lies up to `through` does not come (any more).
    public record ToldLost(
            String page,
            String feed,
            long expired,
            long overflow,
            boolean elsewhere,
            boolean unknown,
            Position through)
            implements Line.Event {}

    public record Acknowledged(String page, Map<String, Position> positions) implements Line.Event {
        public Acknowledged {
            positions = Map.copyOf(positions);
        }
    }

    /// A fault was injected. The name of one by which Redis forgot some of what it knew ends with
    /// [#ROLLBACK], that of one by which it forgot all, with [#FLUSH].
    public record Struck(String fault) implements Line.Event {
        public static final String ROLLBACK = "rollback";
        public static final String FLUSH = "flush";
    }

    /// One appearance of an event: the first, or the one of a redelivery.
    ///
    /// @param redelivery empty for the first
    public record Key(String event, String redelivery) {
        public static Key of(String event) {
            return new Key(event, "");
        }

        boolean isFirst() {
            return redelivery.isEmpty();
        }

        @Override
        public String toString() {
            return isFirst() ? event : event + "/" + redelivery;
        }
    }
}
