package io.switchboard.operator;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Republisher;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/// Kafka, as the tools ask it: each answer comes within a bounded time, each trouble is one
/// sentence. Clients are made when first needed.
///
/// *Used by one thread.*
final class KafkaLink implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String CLIENT = "switchboard-operator";

    private final KafkaFlags flags;
    private @Nullable Admin admin;
    private @Nullable LogReader reader;
    private @Nullable Producer<byte[], byte[]> producer;
    private @Nullable EventsTopic events;

    KafkaLink(KafkaFlags flags) {
        this.flags = flags;
    }

    String where() {
        return flags.bootstrapServers();
    }

    String eventsTopicName() {
        return flags.eventsTopic();
    }

    Admin admin() {
        if (admin == null) {
            admin = Admin.create(impatient(flags.admin(CLIENT)));
        }
        return admin;
    }

    /// As every process uses it.
    EventsTopic events() {
        if (events == null) {
            events = LaneLayout.of(eventsOfKafka(), new ControlTopic(this).lanes());
        }
        return events;
    }

    /// As Kafka has it now, which may be more than is in use while it grows.
    EventsTopic eventsOfKafka() {
        get(admin().describeCluster().clusterId(), "the cluster");
        return EventsTopic.resolve(admin(), flags.eventsTopic());
    }

    /// The settings of a producer beside the one that [#send] uses.
    Map<String, Object> producerSettings(String clientId) {
        return impatient(flags.producer(clientId));
    }

    LogReader reader() {
        if (reader == null) {
            reader = new LogReader(new KafkaConsumer<>(impatient(flags.consumer(CLIENT))), where());
        }
        return reader;
    }

    Republisher republisher(Proof proof) {
        return new Republisher(events().name(), events().partitions(), proof);
    }

    /// Returns when Kafka has it.
    void send(ProducerRecord<byte[], byte[]> record) {
        get(sendAsync(record), "a record for topic '%s'".formatted(record.topic()));
    }

    Future<RecordMetadata> sendAsync(ProducerRecord<byte[], byte[]> record) {
        if (producer == null) {
            var settings = flags.producer(CLIENT);
            settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) PATIENCE.toMillis());
            producer = new KafkaProducer<>(settings);
        }
        return producer.send(record);
    }

    <T> T get(Future<T> answer, String what) {
        return get(answer, what, where());
    }

    static <T> T get(Future<T> answer, String what, String where) {
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw failure(what, where, Objects.requireNonNullElse(e.getCause(), e));
        } catch (TimeoutException e) {
            throw failure(what, where, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while waiting for Kafka", e);
        }
    }

    static Failure failure(String what, String where, Throwable cause) {
        boolean away =
                cause instanceof TimeoutException
                        || cause instanceof org.apache.kafka.common.errors.TimeoutException;
        return away
                ? new Failure(
                        "Kafka at %s did not answer within %d s when asked for %s (expected: --kafka names a broker that can be reached)"
                                .formatted(where, PATIENCE.toSeconds(), what),
                        cause)
                : new Failure("Kafka at %s: %s: %s".formatted(where, what, said(cause)), cause);
    }

    private static String said(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private static Map<String, Object> impatient(Map<String, Object> settings) {
        var impatient = new HashMap<>(settings);
        impatient.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        impatient.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis() / 2);
        return impatient;
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
        if (producer != null) {
            producer.close(PATIENCE);
        }
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
    }
}
