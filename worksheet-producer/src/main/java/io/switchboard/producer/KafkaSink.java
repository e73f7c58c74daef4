package io.switchboard.producer;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Republisher;
import io.switchboard.schemas.Target;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// One keyed record per target, with the origin "written by the front door for this app" and its
/// proof. The token does not travel further.
///
/// Thread-safe.
final class KafkaSink implements EventsSink, AutoCloseable {
    /// The client on the other side of HTTP waits: after this it hears 503 and may try again.
    static final Duration DELIVERY = Duration.ofSeconds(10);

    private static final Duration REQUEST = Duration.ofSeconds(4);
    private static final Duration METADATA = Duration.ofSeconds(5);
    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final long NEVER = Long.MIN_VALUE;

    /// Twice what [Admission] lets in, so that a full buffer never makes a request wait.
    private static final long BUFFER_BYTES = 2L * Admission.MAX_BYTES;

    private final Producer<byte[], byte[]> producer;
    private final LiveTopic topic;
    private final Proof proof;
    private volatile long takenNanos = NEVER;

    KafkaSink(Producer<byte[], byte[]> producer, LiveTopic topic, Proof proof) {
        this.producer = producer;
        this.topic = topic;
        this.proof = proof;
    }

    /// @param settings as of `KafkaFlags.producer`
    static KafkaSink open(Map<String, Object> settings, LiveTopic topic, Proof proof) {
        var bounded = new HashMap<>(settings);
        bounded.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY.toMillis());
        bounded.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST.toMillis());
        bounded.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, METADATA.toMillis());
        bounded.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
        return new KafkaSink(new KafkaProducer<>(bounded), topic, proof);
    }

    @Override
    public CompletableFuture<Position> append(
            String app, String url, Target target, Headers trace) {
        EventsTopic now = topic.current();
        var record =
                new Republisher(now.name(), now.partitions(), proof)
                        .record(Origin.direct(app), url, target, trace);
        var stored = new CompletableFuture<Position>();
        try {
            producer.send(
                    record,
                    (metadata, failure) -> {
                        if (failure == null) {
                            takenNanos = System.nanoTime();
                            stored.complete(
                                    now.lane(metadata.partition()).position(metadata.offset()));
                        } else {
                            stored.completeExceptionally(failure);
                        }
                    });
        } catch (KafkaException e) {
            stored.completeExceptionally(e);
        }
        return stored;
    }

    /// Since Kafka took the last record; null: none yet.
    @Nullable Duration sinceTaken() {
        long taken = takenNanos;
        return taken == NEVER ? null : Duration.ofNanos(System.nanoTime() - taken);
    }

    /// Writes what nobody waits for. May wait, for a bounded time.
    void tryCanary(String id, long nowMillis) {
        try {
            producer.send(
                    new Canary(id, 0, nowMillis).record(topic.current().name()),
                    (_, failure) -> {
                        if (failure == null) {
                            takenNanos = System.nanoTime();
                        }
                    });
        } catch (KafkaException _) {
            // time will tell
        }
    }

    @Override
    public void close() {
        producer.close(CLOSE);
    }
}
