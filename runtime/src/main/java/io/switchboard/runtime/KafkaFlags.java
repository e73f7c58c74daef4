package io.switchboard.runtime;

import io.switchboard.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where Kafka is, and how our clients speak to it. What the operator's `--kafka-config` says wins
/// over every default.
public final class KafkaFlags {
    /// An envelope is at most 2 MiB; what wraps it (headers, a dead letter's reason) fits beside.
    public static final int MAX_REQUEST_BYTES = 3 * 1024 * 1024;

    /// A broker that went away is found again within this time, not after Kafka's own minute.
    /// So soon does a producer hear that a topic has more partitions; five minutes is Kafka's own.
    private static final Duration METADATA_AGE = Duration.ofSeconds(30);

    private static final Duration RECONNECT_MAX = Duration.ofSeconds(1);

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT[,…]",
            defaultValue = "127.0.0.1:9092",
            description = "Kafka's bootstrap servers (${DEFAULT-VALUE}).")
    private String kafka = "127.0.0.1:9092";

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties for all Kafka clients: security and the like.")
    private @Nullable Path config;

    @Option(
            names = "--events-topic",
            paramLabel = "NAME",
            defaultValue = Topics.EVENTS,
            description = "The events topic (${DEFAULT-VALUE}).")
    private String eventsTopic = Topics.EVENTS;

    private @Nullable Map<String, Object> extra;

    public KafkaFlags() {}

    /// For tests and for commands that know their Kafka already.
    public static KafkaFlags of(String bootstrapServers, String eventsTopic) {
        var flags = new KafkaFlags();
        flags.kafka = bootstrapServers;
        flags.eventsTopic = eventsTopic;
        return flags;
    }

    public String bootstrapServers() {
        return kafka;
    }

    public String eventsTopic() {
        return eventsTopic;
    }

    /// Every acknowledged record is on all in-sync replicas, once; nothing waits to fill a batch.
    public Map<String, Object> producer(String clientId) {
        var settings = common(clientId);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        settings.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, (int) METADATA_AGE.toMillis());
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.putAll(extra());
        return settings;
    }

    /// Never jumps: no reset, no automatic commit, nothing of an open transaction.
    public Map<String, Object> consumer(String clientId) {
        var settings = common(clientId);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MAX_REQUEST_BYTES);
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.putAll(extra());
        return settings;
    }

    public Map<String, Object> admin(String clientId) {
        var settings = common(clientId);
        settings.putAll(extra());
        return settings;
    }

    private Map<String, Object> common(String clientId) {
        var settings = new HashMap<String, Object>();
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka);
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MAX.toMillis());
        settings.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        return settings;
    }

    private Map<String, Object> extra() {
        if (extra == null) {
            extra = config == null ? Map.of() : read(config);
        }
        return extra;
    }

    private static Map<String, Object> read(Path file) {
        var properties = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException _) {
            throw new Unusable(
                    "--kafka-config: '%s' cannot be read (expected: a file of Kafka client properties)"
                            .formatted(file));
        }
        var settings = new HashMap<String, Object>();
        properties.stringPropertyNames().forEach(k -> settings.put(k, properties.getProperty(k)));
        return Map.copyOf(settings);
    }
}
