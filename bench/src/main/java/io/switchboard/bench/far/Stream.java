package io.switchboard.bench.far;

import io.switchboard.runtime.KafkaFlags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// The end of some topics, as a consumer without a group sees it, with our settings.
final class Stream {
    static final Duration POLL = Duration.ofMillis(500);

    private Stream() {}

    static KafkaConsumer<byte[], byte[]> open(String kafka, List<String> topics) {
        var consumer =
                new KafkaConsumer<byte[], byte[]>(
                        KafkaFlags.of(kafka, topics.getFirst()).consumer("floor"));
        var partitions = new ArrayList<TopicPartition>();
        for (var topic : topics) {
            consumer.partitionsFor(topic)
                    .forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }
}
