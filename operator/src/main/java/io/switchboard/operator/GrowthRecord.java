package io.switchboard.operator;

import io.switchboard.runtime.Failure;
import io.switchboard.schemas.ControlCommand.Lanes;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;

/// The one who may say on the control topic how far the lanes are: a tool that is started later
/// takes over, and whatever an earlier one would still say is refused by Kafka.
///
/// *Used by one thread.*
final class GrowthRecord implements AutoCloseable {
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final KafkaLink kafka;
    private @Nullable Producer<byte[], byte[]> producer;

    GrowthRecord(KafkaLink kafka) {
        this.kafka = kafka;
    }

    /// From here on an earlier tool can say nothing.
    void takeOver() {
        var settings = kafka.producerSettings("switchboard-migrate");
        settings.put(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "switchboard-migrate-" + kafka.eventsTopicName());
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) KafkaLink.PATIENCE.toMillis());
        settings.put(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) KafkaLink.PATIENCE.toMillis());
        settings.remove(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);
        settings.remove(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG);
        var opened = new KafkaProducer<byte[], byte[]>(settings);
        producer = opened;
        write(opened::initTransactions);
    }

    void say(Lanes lanes) {
        send(lanes.key(), lanes.value());
    }

    void takeBack(Lanes lanes) {
        send(lanes.key(), null);
    }

    private void send(byte[] key, byte @Nullable [] value) {
        var opened = producer;
        if (opened == null) {
            throw new IllegalStateException("say without takeOver");
        }
        write(
                () -> {
                    opened.beginTransaction();
                    opened.send(new ProducerRecord<>(Topics.CONTROL, key, value));
                    opened.commitTransaction();
                });
    }

    private void write(Runnable step) {
        try {
            step.run();
        } catch (ProducerFencedException e) {
            throw new Failure("another `migrate partitions` was started, and goes on", e);
        } catch (KafkaException e) {
            throw KafkaLink.failure("a record of the control topic", kafka.where(), e);
        }
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(CLOSE);
        }
    }
}
