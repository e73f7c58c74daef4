package io.switchboard.bench;

import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// More than can be done, for a while, by both ways in: Kafka is written to at a rate that nobody
/// keeps up with, and more systems post to the front door than it takes. Latency may grow, memory
/// may not; the front door says 503; what was taken arrives in the end, once and in order; somebody
/// who is away loses what is beyond their inbox's cap, and nobody else loses anything; ten seconds
/// later all is as before.
final class Overload implements Case {
    private static final int NORMAL = 1_000;
    private static final int TOO_MUCH = 30_000;

    /// Half as many again as the front door has in hand; each posts to an agent of its own.
    private static final int POSTERS = 1_500;

    private static final int BEYOND_CAP = 500;
    private static final String ABSENT = "absent";
    private static final Duration RECOVERY = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration RECEIPTS = Duration.ofSeconds(2);

    /// Beyond the heap that each was given: code, stacks, sockets' buffers.
    private static final long MOST_BESIDE_HEAP = 400L << 20;

    private static final long HEAP = 512L << 20;
    private static final List<String> BOUNDED = List.of("edge-1", "dispatcher-1", "front-door");

    @Override
    public String name() {
        return "overload";
    }

    @Override
    public String what() {
        return "30,000 events/s and 1,500 posting systems: memory stays, the front door says 503, nothing is lost, 10 s later all is normal";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(3_500).getFirst();
        int rate = options.ratesOr(TOO_MUCH).getFirst();
        var length = options.length().multipliedBy(2);
        try (var rig = Rig.start(options.rig())) {
            var edges = rig.startSystem(1, 1);
            int door = rig.startFrontDoor();
            var crowd =
                    Crowd.open(
                            Stacks.browsers(rig, "overload", agents + POSTERS),
                            "overload",
                            Crowd.Plan.of("switchboard", edges, agents + POSTERS));
            var topic = rig.topic().name();
            int lanes = rig.plan().lanes();
            var events = Events.toAgents(rig.kafka(), topic, lanes, agents);
            rig.opened(events);
            var absent = Events.toAgent(rig.kafka(), topic, lanes, ABSENT);
            rig.opened(absent);
            var posting = new Posters(door, agents, POSTERS);
            rig.opened(posting);
            var stack = new Stack("switchboard", events, crowd, 1);
            stack.warmUp(rig, NORMAL, options.warmUp(), result);
            posting.once();
            var before = stack.measure(rig, NORMAL, options.length());

            var seen = crowd.seen();
            var toll = Toll.begin(rig);
            var posted = posting.flood(length);
            double absentRate = (double) (Rig.CAP + BEYOND_CAP) / length.toSeconds();
            var unread =
                    CompletableFuture.supplyAsync(
                            () -> Load.run(Load.soon(), absentRate, length, absent));
            var flood = Load.run(Load.soon(), rate, length, events);
            var told = posted.join();
            unread.join();
            events.flush();
            absent.flush();
            long ended = System.nanoTime();
            long expected = flood.sent() + told.accepted();
            boolean all = crowd.awaitReceived(seen.received() + expected, PATIENCE);
            Herd.awaitStored(rig);
            double backlog = (System.nanoTime() - ended) / 1e9;
            var paid = toll.end();
            long missing = expected - (crowd.seen().received() - seen.received());

            Cutting.sleep(RECOVERY);
            var again = stack.measure(rig, NORMAL, options.length());
            var after = posting.once();
            crowd.awaitReceived(
                    seen.received() + expected + again.sent().sent() + after.accepted(), PATIENCE);
            var last = crowd.seen();
            var dropped = dropped(rig.kafka());
            long droppedOfAbsent = dropped.getOrDefault(ABSENT, 0L);
            long droppedOfOthers = total(dropped) - droppedOfAbsent;

            boolean once =
                    all
                            && missing == 0
                            && last.repeated() == seen.repeated()
                            && last.skipped() == seen.skipped()
                            && told.failed() == 0;
            boolean capped = droppedOfAbsent == BEYOND_CAP && droppedOfOthers == 0;
            boolean bounded = true;
            var row = result.row();
            for (var part : BOUNDED) {
                long peak = Usage.peakBytes(rig.process(part).pid());
                bounded &= peak < HEAP + MOST_BESIDE_HEAP;
                row.put(part.replaceAll("-1$", "").replace('-', '_') + "_peak_mb", peak >> 20);
            }
            boolean normal =
                    again.p99() < Math.max(2 * before.p99(), before.p99() + 20)
                            && after.accepted() == POSTERS;
            row.put("agents", agents)
                    .put("rate", rate)
                    .put("sent", flood.sent())
                    .put("posters", POSTERS)
                    .put("posted", told.accepted())
                    .put("refused_503", told.refused())
                    .put("answer_left_open", told.open())
                    .put("posters_failed", told.failed())
                    .put("missing", missing)
                    .put("repeated", last.repeated() - seen.repeated())
                    .put("skipped", last.skipped() - seen.skipped())
                    .put("dropped_beyond_cap", droppedOfAbsent)
                    .put("dropped_else", droppedOfOthers)
                    .put("backlog_gone_after_s", Figures.round(backlog))
                    .put("p50_ms_before", Figures.round(before.p50()))
                    .put("p50_ms_after", Figures.round(again.p50()))
                    .put("p99_ms_before", Figures.round(before.p99()))
                    .put("p99_ms_after", Figures.round(again.p99()))
                    .put("posts_taken_after", after.accepted());
            result.add(paid.into(row));
            result.say(
                    "%,d events at %,d/s into Kafka and %,d by %,d posters, who heard 503 %,d times: %s; backlog gone %s s after the end"
                            .formatted(
                                    flood.sent(),
                                    rate,
                                    told.accepted(),
                                    POSTERS,
                                    told.refused(),
                                    once
                                            ? "each that was taken arrived once, in order, none that was refused"
                                            : "NOT each arrived once",
                                    Figures.number(backlog)));
            result.say(
                    "most memory: edge %s MB, dispatcher %s MB, front door %s MB; dropped: %,d, all of them beyond a cap: %s"
                            .formatted(
                                    row.path("edge_peak_mb").asText(),
                                    row.path("dispatcher_peak_mb").asText(),
                                    row.path("front_door_peak_mb").asText(),
                                    droppedOfAbsent + droppedOfOthers,
                                    capped ? "yes" : "NO, expected " + BEYOND_CAP));
            result.say(
                    "p50 and p99 at %,d/s before %s and %s ms, 10 s after %s and %s ms; the front door takes %,d of %,d posts again"
                            .formatted(
                                    NORMAL,
                                    Figures.number(before.p50()),
                                    Figures.number(before.p99()),
                                    Figures.number(again.p50()),
                                    Figures.number(again.p99()),
                                    after.accepted(),
                                    POSTERS));
            return once && capped && bounded && normal && told.refused() > 0;
        }
    }

    private static long total(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /// How many events of whom a receipt says were dropped.
    private static Map<String, Long> dropped(String kafka) {
        var counts = new HashMap<String, Long>();
        try (var consumer =
                new KafkaConsumer<byte[], byte[]>(
                        KafkaFlags.of(kafka, Topics.EVENTS).consumer("receipts"))) {
            var partitions =
                    consumer.partitionsFor(Topics.RECEIPTS).stream()
                            .map(each -> new TopicPartition(each.topic(), each.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (var read = consumer.poll(RECEIPTS);
                    !read.isEmpty();
                    read = consumer.poll(RECEIPTS)) {
                read.forEach(each -> count(Receipt.decode(each.value()), counts));
            }
        }
        return counts;
    }

    private static void count(Receipt receipt, Map<String, Long> counts) {
        if (receipt.kind() == Receipt.Kind.DROPPED) {
            var of = receipt.address() instanceof Address.Agent agent ? agent.uuid() : "";
            counts.merge(of, 1L, Long::sum);
        }
    }
}
