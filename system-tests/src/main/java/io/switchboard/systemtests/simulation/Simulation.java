package io.switchboard.systemtests.simulation;

import io.switchboard.edge.delivery.Lanes;
import io.switchboard.inbox.InMemoryInbox;
import io.switchboard.inbox.InMemoryLeases;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Proof;
import io.switchboard.systemtests.DeliveryChecker;
import io.switchboard.systemtests.History;
import io.switchboard.systemtests.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One run: a small Switchboard on virtual time that is broken in the ways that the seed chose,
/// then heals, has time to catch up, and is judged.
public final class Simulation {
    private static final String TAG = "simsim";
    private static final int LANES = 2;
    private static final long SLICE_MILLIS = 1_000;
    private static final int QUIET_SLICES = 14;
    private static final int MOST_SLICES = 150;

    private final World world;
    private final Weather weather;
    private final History history;
    private final InMemoryInbox redis;
    private final InMemoryLeases leases;
    private final SimKafka kafka;
    private final List<SimDispatcher> dispatchers = new ArrayList<>();
    private final List<SimEdge> edges = new ArrayList<>();
    private final List<SimBrowser> browsers = new ArrayList<>();
    private final SimProducer producer;
    private final Group group;
    private final Operator operator;
    private final Faults faults;
    private int losses;
    private InMemoryInbox.Snapshot snapshot;

    /// What a run came to.
    ///
    /// @param complaints what no history shows: an exception, a browser that is not online at the
    ///     end
    public record Outcome(long seed, Verdict verdict, List<String> complaints, List<String> trace) {
        public boolean ok() {
            return verdict.ok() && complaints.isEmpty();
        }

        @Override
        public String toString() {
            return "seed %d: %s %s".formatted(seed, complaints, verdict);
        }
    }

    public static Outcome run(long seed, Defect defect, boolean tracing) {
        var world = new World(seed, tracing);
        try {
            return new Simulation(world, defect).play(seed);
        } catch (RuntimeException e) {
            var complaint = new ArrayList<String>();
            complaint.add(e.toString());
            for (var frame : e.getStackTrace()) {
                if (complaint.size() < 12) {
                    complaint.add("  at " + frame);
                }
            }
            var nothing = DeliveryChecker.withoutReceipts().judge(new History(world.clock()));
            return new Outcome(seed, nothing, complaint, world.trace());
        }
    }

    private Simulation(World world, Defect defect) {
        this.world = world;
        weather = new Weather(world);
        history = new History(world.clock());
        redis = new InMemoryInbox(world.clock(), world.random());
        leases = new InMemoryLeases(world.clock());
        snapshot = redis.snapshot();
        kafka = new SimKafka(world, weather, TAG, LANES, history);
        var proof = new Proof(List.of(new byte[Proof.KEY_BYTES]));
        var topics = new EdgeTopics(world, weather);
        var shared = defect.inbox(redis, world::in);
        var topic = new EventsTopic("events", TAG, LANES);
        for (int i = 1; i <= 2; i++) {
            dispatchers.add(
                    new SimDispatcher(
                            world,
                            "dispatcher-" + i,
                            new SimDispatcher.Shared(
                                    kafka, shared, leases, topics, topic, proof, defect),
                            weather));
        }
        for (int i = 1; i <= 2; i++) {
            edges.add(
                    new SimEdge(
                            world,
                            "edge-" + i,
                            new SimEdge.Shared(new Lanes(TAG, LANES), shared, leases, topics),
                            weather,
                            defect::hint));
        }
        var ways =
                new SimProducer.Ways(
                        world.chance(0.5),
                        world.chance(0.5),
                        world.chance(0.3),
                        world.chance(0.3),
                        world.chance(0.2),
                        world.chance(0.3),
                        world.chance(0.5));
        producer = new SimProducer(world, kafka, history, people(ways.roles()), ways, proof);
        group = new Group(world, kafka, dispatchers);
        operator = new Operator(world, this, kafka);
        faults = new Faults(world, this);
    }

    /// Agents, their tabs; and whom one may write to.
    private List<Address> people(boolean roles) {
        var addresses = new ArrayList<Address>();
        for (var uuid : List.of("ada", "bob", "cid")) {
            var agent = new Address.Agent(SimProducer.APP, uuid);
            addresses.add(agent);
            boolean old = world.chance(0.15);
            Set<String> role =
                    roles && world.chance(0.7) ? Set.of(world.oneOf(SimProducer.ROLES)) : Set.of();
            long tabs = world.chance(0.35) ? 2 : 1;
            for (int tab = 1; tab <= tabs; tab++) {
                browsers.add(
                        new SimBrowser(world, uuid + "-" + tab, agent, role, history, edges, !old));
            }
        }
        if (roles) {
            for (var role : SimProducer.ROLES) {
                if (browsers.stream().anyMatch(browser -> browser.roles().contains(role))) {
                    addresses.add(new Address.Role(SimProducer.APP, role));
                }
            }
            addresses.add(new Address.App(SimProducer.APP));
        }
        return addresses;
    }

    private Outcome play(long seed) {
        snapshotNow();
        long events = world.between(3, 40);
        long life = world.between(8_000, 40_000);
        for (long i = 0; i < events; i++) {
            world.in(world.between(0, life), producer::produce);
        }
        world.run(life);
        heal();
        boolean settled = awaitQuiet();
        producer.produceToAll();
        settled &= awaitQuiet();
        var complaints = new ArrayList<String>();
        if (!settled) {
            complaints.add("it does not come to rest");
        }
        dispatchers.forEach(dispatcher -> complaints.addAll(dispatcher.troubles()));
        complaints.addAll(operator.complaints());
        for (var browser : browsers) {
            if (!browser.isOnline()) {
                complaints.add(browser.name() + " is not online at the end");
            }
        }
        var verdict = DeliveryChecker.withReceiptsOf(_ -> true).judge(history);
        return new Outcome(seed, verdict, complaints, world.trace());
    }

    private void snapshotNow() {
        snapshot = redis.snapshot();
        world.in(world.between(500, 6_000), this::snapshotNow);
    }

    void struck(String fault) {
        history.add(new History.Struck(fault));
    }

    private void heal() {
        world.trace(() -> "--- it heals");
        faults.end();
        weather.calm();
        for (var process : processes()) {
            process.jumpClock(0);
            process.thaw();
            if (!process.isUp()) {
                process.start();
            }
            reconnectRedis(process);
            reconnectKafka(process);
        }
        browsers.forEach(SimBrowser::beCalm);
    }

    /// False when it goes on for ever.
    private boolean awaitQuiet() {
        int quiet = 0;
        int before = -1;
        for (int slice = 0; slice < MOST_SLICES; slice++) {
            world.run(SLICE_MILLIS);
            int now = history.lines().size();
            quiet = now == before ? quiet + 1 : 0;
            before = now;
            if (quiet >= QUIET_SLICES) {
                return true;
            }
        }
        return false;
    }

    // --- for faults

    List<SimDispatcher> dispatchers() {
        return dispatchers;
    }

    List<SimEdge> edges() {
        return edges;
    }

    List<SimBrowser> browsers() {
        return browsers;
    }

    Weather weather() {
        return weather;
    }

    Group group() {
        return group;
    }

    Operator operator() {
        return operator;
    }

    SimProducer producer() {
        return producer;
    }

    /// How often Redis lost something.
    int losses() {
        return losses;
    }

    /// What a shard has stored through; null when it was emptied.
    @Nullable Long fence(int partition) {
        return redis.lane(kafka.lane(partition)).toCompletableFuture().join().fence();
    }

    int lanes() {
        return LANES;
    }

    private List<SimProcess> processes() {
        var all = new ArrayList<SimProcess>(dispatchers);
        all.addAll(edges);
        return all;
    }

    void reconnectRedis(SimProcess process) {
        process.redisCut = false;
    }

    void reconnectKafka(SimProcess process) {
        if (process.kafkaCut) {
            process.kafkaCut = false;
            switch (process) {
                case SimDispatcher dispatcher -> dispatcher.onKafkaBack();
                case SimEdge edge -> edge.onKafkaBack();
                default -> {}
            }
        }
    }

    void flushRedis() {
        losses++;
        world.trace(() -> "REDIS IS EMPTIED");
        redis.flush();
        leases.flush();
        snapshot = redis.snapshot();
    }

    void rollBackRedis() {
        losses++;
        world.trace(() -> "REDIS IS ROLLED BACK");
        struck("redis " + History.Struck.ROLLBACK);
        redis.rollBack(snapshot);
    }

    void loseShard(int partition, boolean wholly) {
        losses++;
        world.trace(() -> "SHARD %d IS %s".formatted(partition, wholly ? "LOST" : "ROLLED BACK"));
        struck("shard " + (wholly ? History.Struck.FLUSH : History.Struck.ROLLBACK));
        if (wholly) {
            redis.flush(kafka.lane(partition));
        } else {
            redis.rollBack(kafka.lane(partition), snapshot);
        }
    }

    void loseLease(SimEdge edge) {
        world.trace(() -> edge + "'s lease is lost");
        leases.lose(edge.name);
    }
}
