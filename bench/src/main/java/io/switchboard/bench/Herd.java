package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.runtime.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
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
        var seconds = new ArrayList<Double>();
        double cold;
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
            var back = round(rig, crowd, events, agents);
            cold = back.tookSeconds;
            WarmUp.of(
                    "coming back",
                    Duration.ZERO,
                    result,
                    () -> round(rig, crowd, events, agents).toll);
            for (int run = 1; run <= options.runs(); run++) {
                back = round(rig, crowd, events, agents);
                held &= back.held();
                seconds.add(back.tookSeconds);
                result.add(
                        back.into(
                                result.row()
                                        .put("agents", agents)
                                        .put("unread_each", UNREAD)
                                        .put("run", run)
                                        .put("cold_all_received_s", Figures.round(cold))));
            }
        }
        result.say(
                "%,d agents × %d unread, all at once: all caught up after %s s (median of %d: %s; fresh JVMs: %s s)"
                        .formatted(
                                agents,
                                UNREAD,
                                Figures.number(Stack.median(seconds)),
                                seconds.size(),
                                seconds.stream().map(Figures::number).toList(),
                                Figures.number(cold)));
        return held;
    }

    /// @param toll until all was received
    private record Back(
            long begunNanos,
            double tookSeconds,
            Toll.Paid toll,
            long unread,
            Crowd.Seen before,
            Crowd.Seen after) {
        long missing() {
            return unread - (after.received() - before.received());
        }

        long repeated() {
            return after.repeated() - before.repeated();
        }

        long skipped() {
            return after.skipped() - before.skipped();
        }

        boolean held() {
            return missing() == 0 && repeated() == 0 && skipped() == 0;
        }

        ObjectNode into(ObjectNode row) {
            double online = (after.lastOnlineNanos() - begunNanos) / 1e9;
            row.put("half_online_s", Cutting.seconds(after, 50))
                    .put("all_online_s", Figures.round(online))
                    .put("all_received_s", Figures.round(tookSeconds))
                    .put("missing", missing())
                    .put("repeated", repeated())
                    .put("skipped", skipped());
            return toll.into(row);
        }
    }

    /// Everybody leaves, is sent their events, and comes back.
    private static Back round(Rig rig, Crowd crowd, Events events, int agents) throws Exception {
        long unread = (long) agents * UNREAD;
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
        var toll = Toll.begin(rig);
        long begun = System.nanoTime();
        crowd.comeBack();
        crowd.awaitReceived(before.received() + unread, PATIENCE);
        double took = (System.nanoTime() - begun) / 1e9;
        return new Back(begun, took, toll.end(), unread, before, crowd.seen());
    }

    /// Until every lane's fence has reached the end of its partition.
    static void awaitStored(Rig rig) throws Exception {
        var ends = ends(rig);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (var inbox = RedisInbox.connect(rig.redisUrls())) {
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
