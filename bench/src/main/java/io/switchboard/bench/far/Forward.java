package io.switchboard.bench.far;

import io.switchboard.runtime.KafkaFlags;
import java.util.HashMap;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/// From one topic to another, as they come; its producer waits for one broker only, as that of
/// hints does.
///
/// Owned by its thread once started.
final class Forward {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final String to;

    Forward(String kafka, String from, String to) {
        this.consumer = Stream.open(kafka, List.of(from));
        var settings = new HashMap<>(KafkaFlags.of(kafka, to).producer("floor"));
        settings.put(ProducerConfig.ACKS_CONFIG, "1");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        this.producer = new KafkaProducer<>(settings);
        this.to = to;
    }

    void start() {
        Thread.ofPlatform().name("forward").daemon().start(this::run);
    }

    private void run() {
        while (true) {
            for (var each : consumer.poll(Stream.POLL)) {
                producer.send(new ProducerRecord<>(to, 0, each.key(), each.value()));
            }
        }
    }
}
