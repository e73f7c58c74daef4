package io.switchboard.edge.delivery;

import io.switchboard.inbox.Feed;
import io.switchboard.inbox.InMemoryInbox;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.InboxAway;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// [Delivery] over an inbox in memory, with time, the answers' way home and failures in the test's
/// hands. One lane.
final class Rig {
    static final String TAG = "tag";
    static final LaneId LANE = new LaneId(TAG, 0);
    static final Address.Agent ADA = new Address.Agent("desk", "ada");
    static final Address.Role FIRST = new Address.Role("desk", "first");
    static final Address.App DESK = new Address.App("desk");
    static final EdgeRef EDGE = new EdgeRef("edge", 1);

    /// Room for tests that need a crowd.
    static final DeliverySettings SETTINGS =
            DeliverySettings.DEFAULTS.with(
                    DeliverySettings.HEARTBEAT, DeliverySettings.DRAIN_SPREAD, 600);

    private Instant now = Instant.parse("2026-11-24T12:00:00Z");
    private final InstantSource clock = () -> now;
    final InMemoryInbox memory = new InMemoryInbox(clock, new Random(1));
    final Lane lane = new Lane(LANE, memory);
    final Map<String, Integer> calls = new HashMap<>();
    final List<Inbox.Attach> attaches = new ArrayList<>();
    final EnumMap<EdgeCounter, Long> counted = new EnumMap<>(EdgeCounter.class);
    final List<String> presence = new ArrayList<>();
    final List<Long> acknowledgedAfter = new ArrayList<>();
    private final ArrayDeque<Runnable> home = new ArrayDeque<>();
    final Delivery delivery;

    /// Every call fails while it is set.
    boolean away;

    /// Hints that the lane would have sent to this edge, when they are not delivered at once.
    final List<Hint> held = new ArrayList<>();

    boolean holdHints;

    Rig() {
        delivery =
                new Delivery(
                        EDGE,
                        new Lanes(TAG, 1),
                        inbox(),
                        home::add,
                        clock,
                        new Random(2),
                        SETTINGS,
                        meters(),
                        (agent, count) -> presence.add(agent.uuid() + " " + count));
    }

    static Rig begun() {
        var rig = new Rig();
        rig.lane.begin();
        return rig;
    }

    /// Counts calls, and fails them while Redis is away.
    private Inbox inbox() {
        InvocationHandler handler =
                (_, method, args) -> {
                    calls.merge(method.getName(), 1, Integer::sum);
                    if (away) {
                        return CompletableFuture.failedFuture(
                                new InboxAway("away", new RuntimeException()));
                    }
                    if (args != null && args[0] instanceof Inbox.Attach attach) {
                        attaches.add(attach);
                    }
                    try {
                        return method.invoke(memory, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
        return (Inbox)
                Proxy.newProxyInstance(
                        Rig.class.getClassLoader(), new Class<?>[] {Inbox.class}, handler);
    }

    private EdgeMeters meters() {
        return new EdgeMeters() {
            @Override
            public void add(EdgeCounter counter, long count) {
                counted.merge(counter, count, Long::sum);
            }

            @Override
            public void hintedToWritten(long millis) {}

            @Override
            public void writtenToAcknowledged(long millis) {
                acknowledgedAfter.add(millis);
            }

            @Override
            public void closed(CloseCode reason) {}
        };
    }

    int calls(String name) {
        return calls.getOrDefault(name, 0);
    }

    long counted(EdgeCounter counter) {
        return counted.getOrDefault(counter, 0L);
    }

    // --- time

    /// Lets answers come home until none is under way.
    Rig settle() {
        while (!home.isEmpty()) {
            home.remove().run();
        }
        return this;
    }

    boolean isSettled() {
        return home.isEmpty();
    }

    /// One answer comes home.
    void settleOne() {
        home.remove().run();
    }

    void setClockBack(Duration time) {
        now = now.minus(time);
    }

    Rig pass(Duration time) {
        var end = now.plus(time);
        while (now.isBefore(end)) {
            now = now.plusMillis(50);
            delivery.tick();
            settle();
        }
        return this;
    }

    Instant now() {
        return now;
    }

    // --- events

    /// Stores an event and hints it. Answers its offset.
    long send(Address to, String text) {
        return send(to, text, Long.MAX_VALUE, 1000);
    }

    long send(Address to, String text, long expiry, int cap) {
        long offset = lane.next();
        hint(lane.store(to, text, expiry, cap));
        return offset;
    }

    /// Stores a canary and hints it, or not.
    void sendCanary(Canary canary, boolean hinted) {
        var frame = canary.record("events").headers().lastHeader(Canary.HEADER).value();
        var told = lane.store(canary.address(), frame, Long.MAX_VALUE, 1);
        if (hinted) {
            hint(told);
        }
    }

    private void hint(List<Lane.Told> all) {
        for (var told : all) {
            if (told.edge().equals(EDGE) || told.edge().incarnation() > 1) {
                if (holdHints) {
                    held.add(told.hint());
                } else {
                    delivery.onHint(told.hint(), now.toEpochMilli());
                }
            }
        }
    }

    /// Stores an event whose hint gets lost.
    long sendUnheard(Address to, String text) {
        long offset = lane.next();
        lane.store(to, text);
        return offset;
    }

    Feed.Standing standing(Address address) {
        return memory.read(LANE, address, -1, 1).toCompletableFuture().join().standing();
    }

    // --- browsers

    Tab tab(String id, String... roles) {
        return tab(id, true, Map.of(), roles);
    }

    Tab tab(String id, boolean acknowledges, Map<String, Position> positions, String... roles) {
        return tab(id, acknowledges, false, positions, roles);
    }

    /// It is online when all its addresses have answered.
    Tab together(String id, Map<String, Position> positions, String... roles) {
        return tab(id, true, true, positions, roles);
    }

    private Tab tab(
            String id,
            boolean acknowledges,
            boolean together,
            Map<String, Position> positions,
            String... roles) {
        var tab = new Tab();
        delivery.connect(
                new Hello(id, ADA, Set.of(roles), null, acknowledges, together, positions), tab);
        return tab;
    }

    static Position at(long offset) {
        return LANE.position(offset);
    }

    /// What reaches one browser, shortened: `ONLINE 2`, `agent:text`, `LOST agent … through 5`.
    final class Tab implements Link {
        final List<String> got = new ArrayList<>();
        final List<Long> pings = new ArrayList<>();

        /// What it was told of its addresses when it came online.
        final Map<String, String> subs = new HashMap<>();

        CloseCode closed;
        boolean full;
        private Connection connection;

        List<String> take() {
            var taken = List.copyOf(got);
            got.clear();
            return taken;
        }

        void ack(String feed, long offset) {
            delivery.onAck(this, Map.of(feed, at(offset)));
            delivery.sendAcks();
            settle();
        }

        void drainSocket() {
            full = false;
            delivery.onWritable(this);
            settle();
        }

        Connection connection() {
            return connection;
        }

        void leave() {
            delivery.onClosed(this);
            settle();
        }

        @Override
        public void online(Online online, List<Listener> listeners) {
            Link.super.online(online, listeners);
            for (var each : listeners) {
                subs.put(
                        each.address().feed(),
                        each.position().offset()
                                + (each.isRecovering()
                                        ? each.isWhole() ? " whole" : " not whole"
                                        : ""));
            }
        }

        @Override
        public void control(byte[] frame) {
            add(frame);
        }

        @Override
        public void event(byte[] frame, Listener at, long sentMillis) {
            add(frame);
        }

        private void add(byte[] frame) {
            var node = io.switchboard.schemas.Json.readObject(frame);
            var data = node.path("data");
            switch (node.path("event").asText()) {
                case "ONLINE" -> got.add("ONLINE " + data.path("unread").asInt());
                case "LOST" -> got.add(lost(data));
                case "GO_AWAY" -> got.add("GO_AWAY");
                default ->
                        got.add(
                                node.path("to").asText()
                                        + ":"
                                        + node.path("response").path("infos").asText());
            }
        }

        private String lost(com.fasterxml.jackson.databind.JsonNode data) {
            var text = new StringBuilder("LOST ").append(data.path("to").asText());
            if (data.path("expired").asInt() > 0) {
                text.append(" expired ").append(data.path("expired").asInt());
            }
            if (data.path("overflow").asInt() > 0) {
                text.append(" overflow ").append(data.path("overflow").asInt());
            }
            if (data.path("acknowledged_elsewhere").asBoolean()) {
                text.append(" elsewhere");
            }
            if (data.path("unknown").asBoolean()) {
                text.append(" unknown");
            }
            return text.append(" through ")
                    .append(Position.parse(data.path("through").asText()).offset())
                    .toString();
        }

        @Override
        public void ping(long number) {
            pings.add(number);
        }

        @Override
        public boolean writable() {
            return !full;
        }

        @Override
        public void close(CloseCode code) {
            closed = code;
        }

        @Override
        public void bind(Connection connection) {
            this.connection = connection;
        }

        @Override
        public Connection bound() {
            return connection;
        }
    }
}
