package io.switchboard.systemtests.simulation;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.switchboard.dispatcher.lane.DispatcherCounter;
import io.switchboard.dispatcher.lane.Lane;
import io.switchboard.dispatcher.lane.LaneSettings;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.dispatcher.lane.Router;
import io.switchboard.inbox.InMemoryLeases;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Proof;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A dispatcher: production [Lane]s, and a poll loop as the consumer API shapes it: what is
/// assigned and revoked is learnt by polling, so a process that was frozen acts on old lanes until
/// it polls.
final class SimDispatcher extends SimProcess {
    private static final long POLL_MILLIS = 25;
    private static final long LEASES_MILLIS = 1_000;
    private static final LaneSettings SETTINGS =
            new LaneSettings(
                    Duration.ofSeconds(1), Duration.ofSeconds(5), 50, Duration.ofSeconds(1));

    /// One meter registry for all: nobody looks.
    private static final Counters<DispatcherCounter> COUNTERS =
            new Counters<>(DispatcherCounter.class, new SimpleMeterRegistry());

    private static final Apps APPS = SimProducer.apps();

    /// What it shares with the others.
    record Shared(
            SimKafka kafka,
            Inbox redis,
            InMemoryLeases leases,
            EdgeTopics topics,
            EventsTopic topic,
            Proof proof,
            Defect defect) {}

    /// A partition of this process, and where its consumer stands.
    private static final class Held implements Ports.Source {
        final SimKafka.Assignment assignment;
        final int partition;
        long position;
        boolean flowing;
        @Nullable Lane lane;

        Held(int partition, SimKafka.Assignment assignment) {
            this.partition = partition;
            this.assignment = assignment;
        }

        @Override
        public void seek(long offset) {
            position = offset;
        }

        @Override
        public void hold() {
            flowing = false;
        }

        @Override
        public void flow() {
            flowing = true;
        }
    }

    private final Shared shared;
    private final Weather weather;
    private final Map<Integer, Held> held = new TreeMap<>();
    private final Map<String, Long> incarnations = new HashMap<>();
    private SimKafka.Client client;

    SimDispatcher(World world, String name, Shared shared, Weather weather) {
        super(world, name);
        this.shared = shared;
        this.weather = weather;
        this.client = shared.kafka.new Client(this);
        onStart();
    }

    @Override
    void onStart() {
        client = shared.kafka.new Client(this);
        incarnations.clear();
        every(POLL_MILLIS, this::poll);
        every(LEASES_MILLIS, this::readLeases);
    }

    @Override
    void onCrash() {
        held.clear();
        client.onCrash();
    }

    void onKafkaBack() {
        client.onReconnected();
    }

    /// What keeps its lanes from going on, in words.
    List<String> troubles() {
        var troubles = new ArrayList<String>();
        for (var it : held.values()) {
            var trouble = it.lane == null ? "not begun" : it.lane.trouble();
            if (trouble != null || (it.lane != null && it.lane.waiting() > 0)) {
                troubles.add(
                        "%s: lane %d: %s, %d records waiting"
                                .formatted(
                                        this,
                                        it.partition,
                                        trouble,
                                        it.lane == null ? 0 : it.lane.waiting()));
            }
        }
        return troubles;
    }

    // --- the group

    void onAssigned(int partition, SimKafka.Assignment assignment) {
        if (!assignment.equals(shared.kafka.owner(partition))) {
            return;
        }
        forget(partition);
        var it = new Held(partition, assignment);
        held.put(partition, it);
        var ports =
                shared.defect.ports(
                        new Ports(
                                new RemoteInbox(shared.redis, this, weather),
                                client,
                                this::hint,
                                client,
                                client.commitsOf(assignment),
                                client,
                                it,
                                this::lives,
                                task -> later(0, task)),
                        this::later);
        var lane =
                new Lane(
                        new Router(shared.topic, partition, shared.proof),
                        () -> APPS,
                        SETTINGS,
                        ports,
                        COUNTERS,
                        clock(),
                        world.random());
        it.lane = lane;
        lane.begin();
    }

    /// Lets go in good order: commits first.
    void onRevoked(int partition, Runnable then) {
        var it = held.get(partition);
        if (it == null || it.lane == null) {
            then.run();
            return;
        }
        var marker = it.lane.toCommit();
        it.lane.stop();
        held.remove(partition);
        world.trace(() -> "%s lets go of lane %d".formatted(this, partition));
        if (marker == null) {
            then.run();
            return;
        }
        client.commitsOf(it.assignment)
                .commit(shared.kafka.lane(partition), marker.offset(), marker)
                .whenComplete((_, _) -> then.run());
    }

    private void forget(int partition) {
        var it = held.remove(partition);
        if (it != null && it.lane != null) {
            it.lane.stop();
        }
    }

    // --- the loop

    private void poll() {
        for (var it : List.copyOf(held.values())) {
            if (!kafkaCut && !it.assignment.equals(shared.kafka.owner(it.partition))) {
                world.trace(() -> "%s learns that it lost lane %d".formatted(this, it.partition));
                forget(it.partition);
                continue;
            }
            poll(it);
        }
    }

    private void poll(Held it) {
        var lane = it.lane;
        if (lane == null) {
            return;
        }
        if (it.flowing && !kafkaCut && world.chance(0.8)) {
            var chunk =
                    shared.kafka.fetch(
                            Ports.Log.EVENTS,
                            it.partition,
                            it.position,
                            Long.MAX_VALUE,
                            (int) world.between(1, 6));
            it.position = chunk.next();
            if (!chunk.records().isEmpty()) {
                lane.onRecords(chunk.records());
            }
        }
        lane.tick();
    }

    // --- edges

    private void hint(EdgeRef edge, Hint hint) {
        if (!kafkaCut) {
            world.trace(
                    () ->
                            "%s hints %s to %s at %d after %d"
                                    .formatted(
                                            this,
                                            hint.address(),
                                            edge,
                                            hint.offset(),
                                            hint.prev()));
            shared.topics.send(edge, hint);
        }
    }

    private void readLeases() {
        if (redisCut) {
            return;
        }
        for (Leases.Lease lease : shared.leases.all().toCompletableFuture().join()) {
            incarnations.merge(lease.edge().id(), lease.edge().incarnation(), Math::max);
        }
    }

    /// Over once a later life of the same edge node was seen.
    private boolean lives(EdgeRef edge) {
        var latest = incarnations.get(edge.id());
        return latest == null || latest <= edge.incarnation();
    }
}
