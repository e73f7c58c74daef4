package io.switchboard.edge;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.edge.socket.Publisher;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What browsers publish, to [Topics#UPSTREAM], keyed by agent address:
/// `{"app":…,"uuid":…,"id":…,"at":<ms>,"data":{…}}`. A browser may send one twice: `id` is its own.
///
/// `KafkaProducer#send` may wait for metadata, so it is called on a thread of our own; what waits
/// for it is bounded, and refused beyond.
///
/// Thread-safe.
final class Upstream implements Publisher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final int MOST_WAITING = 10_000;
    private static final Duration CLOSE = Duration.ofSeconds(2);

    /// A browser waits for its PUBLISHED: better a quick error than one nobody hears.
    private static final Map<String, Object> IMPATIENT =
            Map.of(
                    ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000,
                    ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);

    private final KafkaProducer<byte[], byte[]> producer;
    private final InstantSource clock;
    private final BlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Thread thread =
            Thread.ofPlatform().name("upstream").daemon().unstarted(this::run);

    Upstream(Map<String, Object> producer, InstantSource clock) {
        var settings = new java.util.HashMap<>(producer);
        settings.putAll(IMPATIENT);
        this.producer = new KafkaProducer<>(settings);
        this.clock = clock;
        thread.start();
    }

    @Override
    public void publish(Address.Agent from, String id, JsonNode data, Consumer<Boolean> then) {
        var value =
                Json.object()
                        .put("app", from.app())
                        .put("uuid", from.uuid())
                        .put("id", id)
                        .put("at", clock.millis());
        value.set("data", data);
        send(new ProducerRecord<>(Topics.UPSTREAM, from.key(), Json.bytes(value)), then);
    }

    /// Whatever else the edge writes: presence.
    void send(ProducerRecord<byte[], byte[]> message, Consumer<Boolean> then) {
        if (!waiting.offer(() -> sendNow(message, then))) {
            then.accept(false);
        }
    }

    private void sendNow(ProducerRecord<byte[], byte[]> message, Consumer<Boolean> then) {
        try {
            producer.send(
                    message,
                    (_, failed) -> {
                        if (failed != null) {
                            LOG.atWarn()
                                    .log(
                                            "Not written to {}: {}",
                                            message.topic(),
                                            failed.toString());
                        }
                        then.accept(failed == null);
                    });
        } catch (KafkaException e) {
            LOG.atWarn().log("Not written to {}: {}", message.topic(), e.toString());
            then.accept(false);
        }
    }

    private void run() {
        try {
            while (true) {
                waiting.take().run();
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        producer.close(CLOSE);
    }
}
