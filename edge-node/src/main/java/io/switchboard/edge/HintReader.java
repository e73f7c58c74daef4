package io.switchboard.edge;

import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.KnownNames;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads this edge's own topic, without a group, and passes hints through the delivery thread's
/// door. When the door is full it waits, and Kafka keeps the rest. What it cannot read any more
/// (retention was faster) the inboxes have: everything is compared with them.
///
/// [#follow] is thread-safe; the consumer belongs to the reader's own thread.
final class HintReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HintReader.class);

    /// More addresses that are hinted to in turn are parsed again now and then.
    private static final int KNOWN_ADDRESSES = 1 << 16;

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration JOIN = Duration.ofSeconds(5);

    private final KafkaConsumer<byte[], ByteBuffer> consumer;
    private final KnownNames names = new KnownNames(KNOWN_ADDRESSES);
    private final DeliveryDoor door;
    private final EdgeMeters meters;
    private final Consumer<Throwable> onFatal;
    private final Thread thread = Thread.ofPlatform().name("hints").daemon().unstarted(this::run);
    private final AtomicReference<Place> next = new AtomicReference<>();
    private volatile boolean closed;

    private record Place(TopicPartition partition, long offset) {}

    HintReader(
            Map<String, Object> consumer,
            DeliveryDoor door,
            EdgeMeters meters,
            Consumer<Throwable> onFatal) {
        var settings = new HashMap<>(consumer);
        // What Kafka received is read where it lies.
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
        this.consumer = new KafkaConsumer<>(settings);
        this.door = door;
        this.meters = meters;
        this.onFatal = onFatal;
    }

    HintReader start() {
        thread.start();
        return this;
    }

    /// Reads this topic from now on, and no other.
    void follow(String topic, long offset) {
        next.set(new Place(new TopicPartition(topic, 0), offset));
        consumer.wakeup();
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            if (!thread.join(QUIET)) {
                thread.interrupt(); // it waits at the door
                thread.join(JOIN);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } catch (InterruptedException | InterruptException _) {
            // closed
        } catch (RuntimeException | Error e) {
            if (!closed) {
                onFatal.accept(e);
            }
        } finally {
            Thread.interrupted(); // or closing would fail
            consumer.close(CloseOptions.timeout(QUIET));
        }
    }

    private void turn() throws InterruptedException {
        var place = next.getAndSet(null);
        if (place != null) {
            consumer.assign(List.of(place.partition()));
            consumer.seek(place.partition(), place.offset());
        }
        if (consumer.assignment().isEmpty()) {
            Thread.sleep(Duration.ofMillis(10));
            return;
        }
        try {
            var hints = new ArrayList<DeliveryDoor.Sent>();
            var records = consumer.poll(POLL);
            for (var each : records) {
                read(each, hints);
            }
            if (!hints.isEmpty()) {
                door.hints(hints);
            }
        } catch (WakeupException _) {
            // closed, or another topic
        } catch (InvalidOffsetException e) {
            LOG.atWarn().log("Hints were deleted before they were read: {}", e.getMessage());
            consumer.seekToEnd(consumer.assignment());
            door.hintsMissed();
        }
    }

    private void read(ConsumerRecord<byte[], ByteBuffer> message, List<DeliveryDoor.Sent> into) {
        try {
            into.add(
                    new DeliveryDoor.Sent(
                            Hint.decode(message.value(), names), message.timestamp()));
        } catch (IllegalArgumentException | NullPointerException e) {
            meters.increment(EdgeCounter.HINTS_MALFORMED);
            LOG.atWarn()
                    .addKeyValue("position", message.topic() + "@" + message.offset())
                    .log("Not a hint: {}", e.getMessage());
        }
    }
}
