package io.switchboard.bench;

import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// The browsers of a hundred edges arrive, all at once: what Redis's processor and memory say to
/// that. Inboxes are empty; nothing but the calls of `attach` is measured, by the code that an edge
/// has for them.
final class Registering implements Case {
    private static final int EDGES = 100;
    private static final int AGENTS_EACH = 1_000;
    private static final int LANES = 64;

    /// More than one client's pipelines hold, and far from what a herd could have.
    private static final int AT_ONCE = 2_000;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern USED = Pattern.compile("used_memory:(\\d+)");

    /// One browser of all.
    private interface Attaching {
        Inbox.Attach of(int agent);
    }

    @Override
    public String name() {
        return "attach";
    }

    @Override
    public String what() {
        return "100 edges × 1,000 browsers arrive: registrations per second of Redis's processor, memory of each";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(EDGES * AGENTS_EACH).getFirst();
        try (var rig = Rig.start(options.rig());
                var inbox = RedisInbox.connect(rig.redisUrls());
                var wire = new RedisWire(rig.startRedis().port())) {
            var herd = new Herding(rig, inbox, wire, agents, options, result);
            herd.begin();
            herd.warmUp();
            herd.measure();
        }
        return true;
    }

    private static final class Herding {
        private final Rig rig;
        private final Inbox inbox;
        private final RedisWire wire;
        private final int agents;
        private final Options options;
        private final Result result;
        private final List<LaneId> lanes = new ArrayList<>();
        private final List<List<String>> table = new ArrayList<>();
        private long registration;

        Herding(Rig rig, Inbox inbox, RedisWire wire, int agents, Options options, Result result) {
            this.rig = rig;
            this.inbox = inbox;
            this.wire = wire;
            this.agents = agents;
            this.options = options;
            this.result = result;
        }

        /// Lanes as they are when nothing has come yet.
        void begin() throws Exception {
            for (int i = 0; i < LANES; i++) {
                var lane = new LaneId("bench0", i);
                lanes.add(lane);
                BareLane.begin(inbox, lane, PATIENCE);
            }
        }

        /// With people who are not counted afterwards.
        void warmUp() throws Exception {
            WarmUp.of(
                    "attach",
                    options.warmUp(),
                    result,
                    () -> {
                        var toll = Toll.begin(rig);
                        attachAll(own("warm-up-", 0));
                        return toll.end();
                    });
        }

        void measure() throws Exception {
            table.add(
                    List.of(
                            "%,d browsers on %d edges".formatted(agents, EDGES),
                            "a second of Redis CPU",
                            "µs of Redis",
                            "µs of the edge",
                            "a second here",
                            "bytes each"));
            for (int run = 1; run <= options.runs(); run++) {
                var who = "run-%d-".formatted(run);
                measure("own inbox, for the first time", run, own(who, 0));
                measure("own inbox, on another edge", run, own(who, 1));
                measure("own inbox, on the same edge again", run, own(who, 1));
                measure("role's inbox, for the first time", run, role(who, 0));
                measure("role's inbox, on another edge", run, role(who, 1));
            }
            result.table(table);
        }

        private Attaching own(String who, int moved) {
            return agent -> {
                var address = new Address.Agent(Rig.APP, who + agent);
                return new Inbox.Attach(
                        lane(address), address, null, edge(agent + moved), registration, null, 1);
            };
        }

        /// Whoever comes first has it registered; each has a cursor there.
        private Attaching role(String who, int moved) {
            var address = new Address.Role(Rig.APP, who);
            return agent ->
                    new Inbox.Attach(
                            lane(address),
                            address,
                            who + agent,
                            edge(agent + moved),
                            registration,
                            null,
                            1);
        }

        private LaneId lane(Address address) {
            return lanes.get(address.partition(LANES));
        }

        private static EdgeRef edge(int agent) {
            return new EdgeRef("edge-" + agent % EDGES, 1);
        }

        private void measure(String what, int run, Attaching attaching) throws Exception {
            long memory = used();
            var toll = Toll.begin(rig);
            attachAll(attaching);
            var paid = toll.end();
            double bytes = (double) (used() - memory) / agents;
            double redis = paid.cpu().getOrDefault("redis", 0.0);
            double client = paid.cpu().getOrDefault("bench", 0.0);
            var row =
                    result.row()
                            .put("what", what)
                            .put("run", run)
                            .put("registrations", agents)
                            .put("per_redis_cpu_s", Math.round(agents / redis))
                            .put("redis_us", Figures.round(redis * 1e6 / agents))
                            .put("client_us", Figures.round(client * 1e6 / agents))
                            .put("per_s", Math.round(agents / paid.seconds()))
                            .put("bytes_each", Math.round(bytes));
            result.add(paid.into(row));
            if (run == options.runs()) {
                table.add(
                        List.of(
                                what,
                                "%,.0f".formatted(agents / redis),
                                "%.1f".formatted(redis * 1e6 / agents),
                                "%.1f".formatted(client * 1e6 / agents),
                                "%,.0f".formatted(agents / paid.seconds()),
                                String.format(Locale.ROOT, "%,.0f", bytes)));
            }
        }

        /// Returns when each has its answer.
        private void attachAll(Attaching attaching) throws Exception {
            registration++;
            var free = new Semaphore(AT_ONCE);
            var failure = new CompletableFuture<Throwable>();
            for (int agent = 0; agent < agents; agent++) {
                take(free, 1);
                inbox.attach(attaching.of(agent))
                        .whenComplete(
                                (_, thrown) -> {
                                    if (thrown != null) {
                                        failure.complete(thrown);
                                    }
                                    free.release();
                                });
            }
            take(free, AT_ONCE);
            if (failure.isDone()) {
                throw new Failure("an attach failed", failure.join());
            }
        }

        private static void take(Semaphore free, int permits) throws InterruptedException {
            if (!free.tryAcquire(permits, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new Failure(
                        "Redis did not answer within %d s".formatted(PATIENCE.toSeconds()));
            }
        }

        private long used() throws IOException {
            var found = USED.matcher(String.valueOf(wire.call("INFO", "memory")));
            if (!found.find()) {
                throw new IOException("Redis does not say what memory it uses");
            }
            return Long.parseLong(found.group(1));
        }
    }
}
