package io.switchboard.systemtests.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.History;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TestApp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Upstream systems: some POST and repeat the request until it is accepted, one writes to Kafka
/// itself, without a key, one or several targets a record. Some events are soon worthless, some
/// are due later, some are sent once more for nothing.
///
/// Thread-safe.
final class Producers implements AutoCloseable {
    private static final int POSTERS = 3;
    private static final Duration PAUSE = Duration.ofMillis(60);
    private static final String BRIEF = "brief-";
    private static final int BRIEF_SECONDS = 2;

    /// Shorter than what counts as quiet.
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(4);

    private static final Duration AFTER_A_REFUSAL = Duration.ofMillis(250);

    private final Stage stage;
    private final List<Target.To> targets;
    private final KafkaProducer<byte[], byte[]> kafka;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    Producers(Stage stage, List<Target.To> targets, SplittableRandom random) {
        this.stage = stage;
        this.targets = targets;
        this.kafka =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                stage.system().infra().kafka(),
                                "acks",
                                "all",
                                "delivery.timeout.ms",
                                120_000),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        for (int i = 0; i < POSTERS; i++) {
            begin("post" + i, random.split(), this::post);
        }
        begin("kafka", random.split(), this::write);
    }

    private interface Sending {
        void send(String id, SplittableRandom random);
    }

    private void begin(String name, SplittableRandom random, Sending sending) {
        threads.add(
                Thread.ofVirtual()
                        .name(name)
                        .start(
                                () -> {
                                    for (int number = 0; !over; number++) {
                                        sending.send(name + "-" + number, random);
                                        LockSupport.parkNanos(random.nextLong(2 * PAUSE.toNanos()));
                                    }
                                }));
    }

    private void post(String key, SplittableRandom random) {
        var to = targets.get(random.nextInt(targets.size()));
        switch (Way.of(random)) {
            case AT_ONCE -> post(key, to, _ -> {});
            case BRIEF -> post(BRIEF + key, to, target -> target.put("ttl", BRIEF_SECONDS));
            case LATER -> post(key, to, delay(random));
            case REPEATED -> {
                post(key, to, _ -> {});
                post(key, to, _ -> {});
            }
        }
    }

    /// What becomes of an event besides being sent.
    private enum Way {
        AT_ONCE,
        /// It expires after a moment.
        BRIEF,
        LATER,
        /// Sent again though it was accepted, as by a producer that missed the answer.
        REPEATED;

        static Way of(SplittableRandom random) {
            return random.nextInt(3) > 0 ? AT_ONCE : values()[random.nextInt(values().length)];
        }
    }

    /// Whether it may end as expired.
    static boolean isBrief(String event) {
        return event.startsWith(BRIEF);
    }

    private static Consumer<ObjectNode> delay(SplittableRandom random) {
        var due = Instant.now().plusMillis(random.nextLong(LONGEST_DELAY.toMillis()));
        return target -> target.put("deliver_at", due.toString());
    }

    /// Until it is accepted: the key makes the repetitions one event.
    private void post(String key, Target.To to, Consumer<ObjectNode> more) {
        var id = key + "#0";
        stage.history().add(new History.Produced(id, to.in(stage.app().name())));
        var envelope = stage.envelope(TestApp.URL, List.of(Map.entry(to, id)));
        more.accept(target(envelope, 0));
        var bytes = Json.bytes(envelope);
        while (!stage.frontDoor().post(bytes, key).accepted()) {
            LockSupport.parkNanos(AFTER_A_REFUSAL.toNanos());
        }
        stage.history().add(new History.Promised(id));
    }

    private static ObjectNode target(ObjectNode envelope, int index) {
        return (ObjectNode) envelope.path("data").path(index);
    }

    private void write(String name, SplittableRandom random) {
        var way = Way.of(random);
        int count = random.nextInt(1, 4);
        var chosen = new ArrayList<Map.Entry<Target.To, String>>();
        for (int i = 0; i < count; i++) {
            var to = targets.get(random.nextInt(targets.size()));
            var id = "%s%s.%d".formatted(way == Way.BRIEF ? BRIEF : "", name, i);
            chosen.add(Map.entry(to, id));
            stage.history().add(new History.Produced(id, to.in(stage.app().name())));
        }
        var envelope = stage.envelope(TestApp.URL, chosen);
        for (int i = 0; i < count; i++) {
            target(envelope, i).put("id", chosen.get(i).getValue());
            if (way == Way.BRIEF) {
                target(envelope, i).put("ttl", BRIEF_SECONDS);
            } else if (way == Way.LATER) {
                delay(random).accept(target(envelope, i));
            }
        }
        var ids = chosen.stream().map(Map.Entry::getValue).toList();
        write(envelope, ids, random);
        if (way == Way.REPEATED) {
            write(envelope, ids, random);
        }
    }

    /// Into any partition.
    private void write(ObjectNode envelope, List<String> ids, SplittableRandom random) {
        int partition = random.nextInt(stage.system().topic().partitions());
        kafka.send(
                new ProducerRecord<>(
                        stage.system().topic().name(), partition, null, Json.bytes(envelope)),
                (_, failed) -> {
                    if (failed == null) {
                        ids.forEach(id -> stage.history().add(new History.Promised(id)));
                    }
                });
    }

    /// One more for everybody, after everything was mended.
    void sendLastOnes() {
        for (int i = 0; i < targets.size(); i++) {
            post("last-" + i, targets.get(i), _ -> {});
        }
    }

    /// No new events; what is under way is repeated until it is accepted.
    void stop() throws InterruptedException {
        over = true;
        for (var thread : threads) {
            if (!thread.join(Duration.ofMinutes(2))) {
                throw new IllegalStateException(
                        "producer %s is not accepted, though everything was mended"
                                .formatted(thread.getName()));
            }
        }
        kafka.flush();
    }

    @Override
    public void close() {
        over = true;
        kafka.close(Duration.ofSeconds(10));
    }
}
