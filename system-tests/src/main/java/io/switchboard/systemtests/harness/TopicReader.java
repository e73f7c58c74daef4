package io.switchboard.systemtests.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Reads a whole topic from its beginning, and then what comes.
///
/// Confined to one thread.
public final class TopicReader implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();

    public TopicReader(String bootstrap, String topic) {
        this.topic = topic;
        consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers", bootstrap,
                                "isolation.level", "read_committed",
                                "auto.offset.reset", "earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        var partitions =
                consumer.partitionsFor(topic).stream()
                        .map(info -> new TopicPartition(topic, info.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    public List<ConsumerRecord<byte[], byte[]>> poll(Duration atMost) {
        var batch = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        consumer.poll(atMost).forEach(batch::add);
        seen.addAll(batch);
        return batch;
    }

    /// The first record, read already or yet to come, that fits.
    public ConsumerRecord<byte[], byte[]> await(
            String what, Predicate<ConsumerRecord<byte[], byte[]>> fits) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int next = 0; ; ) {
            for (; next < seen.size(); next++) {
                if (fits.test(seen.get(next))) {
                    return seen.get(next);
                }
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "%s was expected on %s within %s; there are %d records"
                                .formatted(what, topic, PATIENCE, seen.size()));
            }
            var _ = poll(Duration.ofMillis(100));
        }
    }

    /// For who reads much and looks at each record once.
    public void forget() {
        seen.clear();
    }

    public List<ConsumerRecord<byte[], byte[]>> seen() {
        return List.copyOf(seen);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
