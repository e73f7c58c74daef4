package io.switchboard.systemtests.simulation;

import io.switchboard.edge.delivery.Delivery;
import io.switchboard.edge.delivery.DeliverySettings;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.edge.delivery.Lanes;
import io.switchboard.inbox.EdgeNotice;
import io.switchboard.inbox.InMemoryLeases;
import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.ClientFrame;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.ServerFrames;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An edge node: the production [Delivery], with its lease, its topic and its sockets.
final class SimEdge extends SimProcess {
    private static final long TICK_MILLIS = 50;
    private static final long LEASE_MILLIS = 1_000;
    private static final Duration LEASE_TTL = Duration.ofSeconds(5);

    /// Small limits and periods, so that few events meet many of them.
    private static final DeliverySettings SETTINGS =
            new DeliverySettings(
                    Duration.ofSeconds(25),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(8),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(1),
                    4,
                    100,
                    4);

    /// What it shares with the others.
    record Shared(Lanes lanes, Inbox redis, InMemoryLeases leases, EdgeTopics topics) {}

    /// What a planted defect changes: the hints that it reads.
    private final UnaryOperator<Hint> hints;

    private final Shared shared;
    private final Weather weather;
    private final Set<Wire> wires = new LinkedHashSet<>();
    private @Nullable Delivery delivery;
    private @Nullable EdgeRef edge;
    private EdgeTopics.@Nullable Topic topic;
    private int read;

    SimEdge(World world, String name, Shared shared, Weather weather, UnaryOperator<Hint> hints) {
        super(world, name);
        this.shared = shared;
        this.weather = weather;
        this.hints = hints;
        onStart();
    }

    @Override
    void onStart() {
        every(LEASE_MILLIS, this::keepLease);
        every(TICK_MILLIS, this::tick);
        takeLease();
    }

    @Override
    void onCrash() {
        delivery = null;
        edge = null;
        topic = null;
        List.copyOf(wires).forEach(Wire::cut);
        wires.clear();
    }

    private void tick() {
        if (delivery != null) {
            delivery.tick();
        }
    }

    // --- its lease and its topic

    private void takeLease() {
        if (redisCut) {
            return;
        }
        var anew =
                new EdgeRef(name, shared.leases.nextIncarnation(name).toCompletableFuture().join());
        topic = shared.topics.create(anew, () -> later(weather.latency(), this::readHints));
        read = 0;
        edge = anew;
        boolean taken =
                shared.leases
                        .take(anew, EdgeNotice.at(name), LEASE_TTL)
                        .toCompletableFuture()
                        .join();
        world.trace(() -> "%s takes its lease as %s: %s".formatted(name, anew, taken));
        if (delivery == null) {
            delivery =
                    new Delivery(
                            anew,
                            shared.lanes,
                            shared.redis,
                            task -> later(0, task),
                            clock(),
                            world.random(),
                            SETTINGS,
                            EdgeMeters.NONE,
                            (_, _) -> {});
        } else {
            delivery.onIncarnation(anew);
        }
    }

    private void keepLease() {
        if (redisCut) {
            return;
        }
        if (edge == null
                || !shared.leases
                        .refresh(edge, EdgeNotice.at(name), LEASE_TTL)
                        .toCompletableFuture()
                        .join()) {
            takeLease();
        }
    }

    private void readHints() {
        if (kafkaCut || topic == null || delivery == null) {
            return;
        }
        while (topic != null && read < topic.hints.size()) {
            var sent = topic.hints.get(read++);
            delivery.onHint(hints.apply(Hint.decode(sent.hint())), sent.atMillis());
        }
    }

    /// Kafka is back.
    void onKafkaBack() {
        later(1, this::readHints);
    }

    // --- its sockets

    boolean accepts() {
        return runs() && delivery != null;
    }

    void onOpen(Wire wire) {
        if (delivery == null) {
            wire.close(CloseCode.INBOX_AWAY);
            return;
        }
        wires.add(wire);
        wire.control(ServerFrames.connect());
    }

    void onFrame(Wire wire, byte[] frame) {
        var to = delivery;
        if (to == null || !wires.contains(wire)) {
            return;
        }
        switch (ClientFrame.parse(frame)) {
            case ClientFrame.Connect(_, var positions) -> {
                if (to.isInboxAway()) {
                    wire.close(CloseCode.INBOX_AWAY);
                    return;
                }
                to.connect(wire.hello(positions), wire);
            }
            case ClientFrame.Ack(var positions) -> to.onAck(wire, positions);
            case ClientFrame.HeartBeat _,
                    ClientFrame.Refresh _,
                    ClientFrame.Publish _,
                    ClientFrame.Malformed _ -> {}
        }
    }

    void onPong(Wire wire, long number) {
        if (delivery != null && wires.contains(wire)) {
            delivery.onPong(wire, number);
        }
    }

    void onWritable(Wire wire) {
        later(
                0,
                () -> {
                    if (delivery != null && wires.contains(wire)) {
                        delivery.onWritable(wire);
                    }
                });
    }

    void onGone(Wire wire) {
        if (wires.remove(wire) && delivery != null) {
            delivery.onClosed(wire);
        }
    }
}
