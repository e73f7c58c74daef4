package io.switchboard.bench;

import io.switchboard.bench.far.Stamp;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/// What an edge does by itself: hints are written into its topic as fast as Kafka takes them, and
/// counted against its own processor time. Distinct events, one browser each; then events to a
/// role, which every browser gets.
final class EdgeAlone implements Case {
    /// So many for one connection, at once, stay below what it may have under way (64 KiB): beyond,
    /// an edge forgets hints and asks the inbox, which knows nothing of these.
    private static final int EACH = 60;

    private static final int TO_ROLE = 6 * EACH;
    private static final String EDGE = "edge-1";
    private static final long LIFE_MILLIS = Duration.ofDays(1).toMillis();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "edge";
    }

    @Override
    public String what() {
        return "an edge alone, hints already in its topic: deliveries per second of its processor time";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(5_000).getFirst();
        var table = new ArrayList<List<String>>();
        table.add(
                List.of(
                        "deliveries",
                        "per CPU second, median",
                        "min–max",
                        "per second",
                        "bytes allocated each",
                        "missing"));
        boolean held = true;
        try (var rig = Rig.start(options.rig())) {
            var ports = rig.startSystem(1, 1);
            var plan = Crowd.Plan.of("switchboard", ports, agents).withRole(Rig.ROLE).silent();
            var crowd = Crowd.open(Stacks.browsers(rig, "edge", agents), "edge", plan);
            try (var hints = new Hints(rig, agents)) {
                for (var toRole : List.of(false, true)) {
                    held &= measure(toRole, agents, rig, crowd, hints, options, result, table);
                }
            }
        }
        result.table(table);
        return held;
    }

    /// @param missing deliveries that were not in when patience ended
    private record Round(long missing, long allocated, double cpuSeconds, Toll.Paid paid) {}

    private static Round round(boolean toRole, int agents, Rig rig, Crowd crowd, Hints hints) {
        long pid = rig.process(EDGE).pid();
        var before = crowd.seen().received();
        long allocated = Usage.allocatedBytes(pid);
        var toll = Toll.begin(rig);
        if (toRole) {
            for (int sent = EACH; sent <= TO_ROLE; sent += EACH) {
                hints.toRole(EACH);
                crowd.awaitReceived(before + (long) sent * agents, PATIENCE);
            }
        } else {
            hints.distinct(EACH * agents);
            crowd.awaitReceived(before + (long) EACH * agents, PATIENCE);
        }
        var paid = toll.end();
        return new Round(
                before + deliveries(toRole, agents) - crowd.seen().received(),
                Usage.allocatedBytes(pid) - allocated,
                paid.cpu().getOrDefault(EDGE, 0.0),
                paid);
    }

    private static long deliveries(boolean toRole, int agents) {
        return (long) (toRole ? TO_ROLE : EACH) * agents;
    }

    private static boolean measure(
            boolean toRole,
            int agents,
            Rig rig,
            Crowd crowd,
            Hints hints,
            Options options,
            Result result,
            List<List<String>> table) {
        var to = toRole ? "role" : "agents";
        WarmUp.of(
                "to " + to,
                options.warmUp(),
                result,
                () -> round(toRole, agents, rig, crowd, hints).paid);
        double deliveries = deliveries(toRole, agents);
        var perCpu = new ArrayList<Double>();
        var perSecond = new ArrayList<Double>();
        var bytes = new ArrayList<Double>();
        long missing = 0;
        for (int run = 1; run <= options.runs(); run++) {
            var round = round(toRole, agents, rig, crowd, hints);
            missing += round.missing;
            perCpu.add(deliveries / round.cpuSeconds);
            perSecond.add(deliveries / round.paid.seconds());
            bytes.add(round.allocated / deliveries);
            result.add(
                    round.paid.into(
                            result.row()
                                    .put("to", to)
                                    .put("run", run)
                                    .put("deliveries", Math.round(deliveries))
                                    .put("per_cpu_s", Math.round(perCpu.getLast()))
                                    .put("per_s", Math.round(perSecond.getLast()))
                                    .put("allocated_bytes_each", Math.round(bytes.getLast()))
                                    .put("missing", round.missing)));
        }
        perCpu.sort(null);
        table.add(
                List.of(
                        toRole
                                ? "role events × %,d browsers".formatted(agents)
                                : "distinct, %,d browsers".formatted(agents),
                        "%,.0f".formatted(Stack.median(perCpu)),
                        "%,.0f–%,.0f".formatted(perCpu.getFirst(), perCpu.getLast()),
                        "%,.0f".formatted(Stack.median(perSecond)),
                        "%,.0f".formatted(Stack.median(bytes)),
                        Long.toString(missing)));
        return missing == 0;
    }

    /// What a dispatcher would write into the edge's topic.
    private static final class Hints implements AutoCloseable {
        private final Rig rig;
        private final int agents;
        private final String topic;
        private final KafkaProducer<byte[], byte[]> producer;
        private final Map<Address, Long> last = new HashMap<>();
        private final Map<Address, Long> numbers = new HashMap<>();
        private final Map<Integer, Long> offsets = new HashMap<>();
        private int next;

        Hints(Rig rig, int agents) throws Exception {
            this.rig = rig;
            this.agents = agents;
            try (var admin = Admin.create(Map.of("bootstrap.servers", rig.kafka()))) {
                topic =
                        admin.listTopics().names().get().stream()
                                .filter(Topics::isEdge)
                                .findFirst()
                                .orElseThrow();
            }
            var settings = new HashMap<>(KafkaFlags.of(rig.kafka(), topic).producer("hints"));
            settings.put(ProducerConfig.ACKS_CONFIG, "1");
            settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
            settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
            settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
            producer = new KafkaProducer<>(settings);
        }

        void distinct(int count) {
            for (int i = 0; i < count; i++) {
                hint(new Address.Agent(Rig.APP, Integer.toString(next)));
                next = (next + 1) % agents;
            }
            producer.flush();
        }

        void toRole(int count) {
            for (int i = 0; i < count; i++) {
                hint(new Address.Role(Rig.APP, Rig.ROLE));
            }
            producer.flush();
        }

        private void hint(Address to) {
            var lane = rig.topic().laneOf(to);
            long offset = offsets.merge(lane.partition(), 0L, (a, _) -> a + 1);
            long prev = last.getOrDefault(to, -1L);
            last.put(to, offset);
            long number = numbers.merge(to, 1L, Long::sum);
            var frame =
                    "{\"event\":\"Bench\",\"id\":\"%s\",\"to\":\"%s\",\"pos\":\"%s\",\"sent\":1764000000000,\"response\":{\"type\":\"bench\",\"infos\":\"A new worksheet waits for you: printer on floor 3\",%s}}"
                            .formatted(
                                    lane.position(offset),
                                    to.feed(),
                                    lane.position(offset),
                                    Stamp.blank());
            var bytes = frame.getBytes(StandardCharsets.UTF_8);
            Stamp.write(bytes, Stamp.offsetIn(frame), System.nanoTime(), number);
            var hint =
                    new Hint(
                            to,
                            lane,
                            offset,
                            prev,
                            System.currentTimeMillis() + LIFE_MILLIS,
                            bytes);
            producer.send(new ProducerRecord<>(topic, 0, null, hint.encode()));
        }

        @Override
        public void close() {
            producer.close();
        }
    }
}
