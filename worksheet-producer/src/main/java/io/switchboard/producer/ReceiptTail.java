package io.switchboard.producer;

import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the receipts topic by `assign`, without a group: every reader sees every receipt. When
/// Kafka is away it begins again where it was.
///
/// One thread of its own owns the consumer.
final class ReceiptTail implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReceiptTail.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Instant from;
    private final long most;
    private final java.util.function.Consumer<Receipt> to;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Thread reader =
            Thread.ofPlatform().daemon().name("receipts").unstarted(this::run);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Consumer<byte[], byte[]> current;
    private @Nullable String lastTrouble;

    /// @param from receipts of this time on
    /// @param most but not more than about this many of the past
    /// @param to is called on this tail's thread
    ReceiptTail(
            Supplier<Consumer<byte[], byte[]>> consumers,
            Instant from,
            long most,
            java.util.function.Consumer<Receipt> to) {
        this.consumers = consumers;
        this.from = from;
        this.most = most;
        this.to = to;
    }

    void start() {
        reader.start();
    }

    @Override
    public void close() {
        closed.countDown();
        var consumer = current;
        if (consumer != null) {
            consumer.wakeup();
        }
        try {
            reader.join(CLOSE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void run() {
        while (!isClosed()) {
            try (var consumer = consumers.get()) {
                current = consumer;
                follow(consumer);
            } catch (WakeupException _) {
                // closed
            } catch (RuntimeException e) {
                onTrouble(e);
            }
        }
    }

    private void follow(Consumer<byte[], byte[]> consumer) {
        var partitions =
                consumer.partitionsFor(Topics.RECEIPTS).stream()
                        .map(each -> new TopicPartition(each.topic(), each.partition()))
                        .toList();
        consumer.assign(partitions);
        var ends = consumer.endOffsets(partitions);
        var asked =
                partitions.stream()
                        .collect(Collectors.toMap(each -> each, _ -> from.toEpochMilli()));
        var times = consumer.offsetsForTimes(asked);
        for (var partition : partitions) {
            long end = ends.getOrDefault(partition, 0L);
            var since = times.get(partition);
            long begin = since == null ? end : since.offset();
            next.putIfAbsent(partition, Math.max(begin, end - most / partitions.size()));
            consumer.seek(partition, next.get(partition));
        }
        while (!isClosed()) {
            try {
                for (var record : consumer.poll(POLL)) {
                    next.put(
                            new TopicPartition(record.topic(), record.partition()),
                            record.offset() + 1);
                    read(record.value());
                }
                lastTrouble = null;
            } catch (OffsetOutOfRangeException e) {
                // Kafka's retention was faster, or the topic was made anew.
                consumer.seekToBeginning(e.partitions());
            }
        }
    }

    private void read(byte @Nullable [] value) {
        if (value == null) {
            return;
        }
        try {
            to.accept(Receipt.decode(value));
        } catch (RuntimeException e) {
            LOG.atWarn().log("Not a receipt: {}", String.valueOf(e.getMessage()));
        }
    }

    private void onTrouble(RuntimeException e) {
        var trouble = String.valueOf(e.getMessage());
        if (!isClosed() && !trouble.equals(lastTrouble)) {
            lastTrouble = trouble;
            LOG.atWarn()
                    .setCause(e instanceof KafkaException ? null : e)
                    .log("Receipts cannot be read for now: {}", trouble);
        }
        try {
            var _ = closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
