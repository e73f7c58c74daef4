package io.switchboard.bench;

import io.switchboard.inbox.EdgeNotice;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// One dispatcher that hints to one edge, to ten and to a hundred: as many leases, topics and
/// consumers, with the same agents registered at them in turn. Nothing stands behind the consumers:
/// no browsers, and so no acks.
final class Edges implements Case {
    private static final List<Integer> COUNTS = List.of(1, 10, 100);
    private static final int AGENTS = 5_000;

    @Override
    public String name() {
        return "edges";
    }

    @Override
    public String what() {
        return "one dispatcher hints to 1, 10 and 100 simulated edges: what an event costs, hints in a batch, requests";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(AGENTS).getFirst();
        boolean held = true;
        var costs = new Costs(options, result);
        try (var rig = Rig.start(options.rig())) {
            rig.startSystem(1, 0);
            var reading =
                    rig.startChild("edges", "EdgesMain", List.of("-Xmx512m"), List.of(rig.kafka()));
            var events =
                    Events.toAgents(rig.kafka(), rig.topic().name(), rig.plan().lanes(), agents);
            rig.opened(events);
            var stack = new Stack("edges", events, Crowd.of(reading, "edges"), 1);
            var simulated = new Simulated(rig, agents, reading);
            rig.opened(simulated);
            for (int count : COUNTS) {
                simulated.become(count);
                held &= costs.measure(count == 1 ? "1 edge" : count + " edges", rig, stack);
            }
            costs.show();
        }
        return held;
    }

    /// Edges as far as Redis and Kafka know of them.
    private static final class Simulated implements AutoCloseable {
        private static final Duration LEASE = Duration.ofSeconds(10);
        private static final Duration PATIENCE = Duration.ofSeconds(20);

        private final Rig rig;
        private final int agents;
        private final Child reading;
        private final RedisInbox inbox;
        private final ScheduledExecutorService refreshing =
                Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
        private volatile List<EdgeRef> edges = List.of();
        private long registration;

        Simulated(Rig rig, int agents, Child reading) {
            this.rig = rig;
            this.agents = agents;
            this.reading = reading;
            inbox = RedisInbox.connect(rig.redisUrls());
            refreshing.scheduleAtFixedRate(this::refresh, 1, 1, TimeUnit.SECONDS);
        }

        /// New ones; whoever was registered at an old one is so no more.
        void become(int count) throws Exception {
            var before = edges;
            var now = new ArrayList<EdgeRef>();
            var order = Child.order("follow");
            var topics = order.putArray("topics");
            for (int i = 0; i < count; i++) {
                var id = "simulated-%d-%d".formatted(count, i);
                var edge = new EdgeRef(id, Answer.of(inbox.leases().nextIncarnation(id), PATIENCE));
                rig.createTopic(Topics.edge(edge), 1);
                Answer.of(inbox.leases().take(edge, EdgeNotice.NONE, LEASE), PATIENCE);
                topics.add(Topics.edge(edge));
                now.add(edge);
            }
            reading.tell(order);
            long registrationBefore = registration++;
            edges = now;
            var calls = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < agents; i++) {
                var agent = new Address.Agent(Rig.APP, Integer.toString(i));
                var lane = rig.topic().laneOf(agent);
                var edge = now.get(i % count);
                calls.add(
                        inbox.attach(
                                        new Inbox.Attach(
                                                lane, agent, null, edge, registration, null, 1))
                                .toCompletableFuture());
                if (!before.isEmpty()) {
                    calls.add(
                            inbox.detach(
                                            lane,
                                            agent,
                                            before.get(i % before.size()),
                                            registrationBefore)
                                    .toCompletableFuture());
                }
            }
            Answer.of(CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)), PATIENCE);
            for (var each : before) {
                Answer.of(inbox.leases().release(each), PATIENCE);
            }
            var dispatcher = Scrape.of(rig, "dispatcher-1");
            Scrape.await(
                    "the dispatcher knows %d edges".formatted(count),
                    () -> dispatcher.value("edges") == count);
        }

        private void refresh() {
            edges.forEach(each -> inbox.leases().refresh(each, EdgeNotice.NONE, LEASE));
        }

        @Override
        public void close() {
            refreshing.shutdownNow();
            inbox.close();
        }
    }
}
