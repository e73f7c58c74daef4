package io.switchboard.bench;

import io.switchboard.inbox.RedisInbox;
import io.switchboard.runtime.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Everybody was away, everybody comes back at once, and each has a hundred events to read.
final class Herd implements Case {
    private static final int UNREAD = 100;
    private static final int WRITES_A_SECOND = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Override
    public String name() {
        return "resume";
    }

    @Override
    public String what() {
        return "5,000 agents reconnect at once, 100 unread events each: until all have all";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(5_000).getFirst();
        long unread = (long) agents * UNREAD;
        var seconds = new ArrayList<Double>();
        boolean held = true;
        try (var rig = Rig.start(options.rig())) {
            var ports = rig.startSystem(1, 1);
            var crowd =
                    Crowd.open(
                            Stacks.browsers(rig, "resume", agents),
                            "resume",
                            Crowd.Plan.of("switchboard", ports, agents));
            var events =
                    Events.toAgents(rig.kafka(), rig.topic().name(), rig.plan().lanes(), agents);
            rig.opened(events);
            for (int run = 1; run <= options.runs(); run++) {
                crowd.leave();
                for (long i = 0; i < unread; i++) {
                    events.sendTo((int) (i % agents), System.nanoTime());
                    if (i % WRITES_A_SECOND == WRITES_A_SECOND - 1) {
                        events.flush();
                    }
                }
                events.flush();
                awaitStored(rig);
                var before = crowd.seen();
                long begun = System.nanoTime();
                crowd.comeBack();
                held &= crowd.awaitReceived(before.received() + unread, PATIENCE);
                double took = (System.nanoTime() - begun) / 1e9;
                var after = crowd.seen();
                held &=
                        after.skipped() == before.skipped()
                                && after.repeated() == before.repeated();
                seconds.add(took);
                result.add(
                        result.row()
                                .put("agents", agents)
                                .put("unread_each", UNREAD)
                                .put("run", run)
                                .put(
                                        "all_online_s",
                                        Figures.round((after.lastOnlineNanos() - begun) / 1e9))
                                .put("all_received_s", Figures.round(took))
                                .put("missing", before.received() + unread - after.received())
                                .put("repeated", after.repeated() - before.repeated())
                                .put("skipped", after.skipped() - before.skipped()));
            }
        }
        result.say(
                "%,d agents × %d unread, all at once: all caught up after %s s (median of %d: %s)"
                        .formatted(
                                agents,
                                UNREAD,
                                Figures.number(Stack.median(seconds)),
                                seconds.size(),
                                seconds.stream().map(Figures::number).toList()));
        return held;
    }

    /// Until every lane's fence has reached the end of its partition.
    static void awaitStored(Rig rig) throws Exception {
        var ends = ends(rig);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (var inbox = RedisInbox.connect(List.of(rig.startRedis().url()))) {
            for (var each : ends.entrySet()) {
                var lane = rig.topic().lane(each.getKey().partition());
                Long fence = null;
                while (fence == null || fence < each.getValue() - 1) {
                    if (System.nanoTime() > deadline) {
                        throw new Failure(
                                "lane %s stands at %d (expected: %d)"
                                        .formatted(lane, fence, each.getValue() - 1));
                    }
                    Thread.sleep(50);
                    fence =
                            inbox.lane(lane)
                                    .toCompletableFuture()
                                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                                    .fence();
                }
            }
        }
    }

    private static Map<TopicPartition, Long> ends(Rig rig) {
        try (var consumer =
                new KafkaConsumer<byte[], byte[]>(
                        io.switchboard.runtime.KafkaFlags.of(rig.kafka(), rig.topic().name())
                                .consumer("ends"))) {
            var partitions = new ArrayList<TopicPartition>();
            for (int i = 0; i < rig.topic().partitions(); i++) {
                partitions.add(new TopicPartition(rig.topic().name(), i));
            }
            return new HashMap<>(consumer.endOffsets(partitions));
        }
    }
}
