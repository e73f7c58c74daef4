package io.switchboard.operator;

import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Canary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/// Reads parts of topics by `assign`: no group, no commit, nobody notices. Canaries are nobody's
/// events, and are passed over.
///
/// *Used by one thread; others may only call [#wakeUp].*
final class LogReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Consumer<byte[], byte[]> consumer;
    private final String where;

    LogReader(Consumer<byte[], byte[]> consumer, String where) {
        this.consumer = consumer;
        this.where = where;
    }

    /// From `from` to before `to`.
    record Range(TopicPartition partition, long from, long to) {
        boolean isEmpty() {
            return from >= to;
        }
    }

    interface Visitor {
        /// False: enough.
        boolean visit(ConsumerRecord<byte[], byte[]> record);
    }

    /// None when the topic does not exist.
    List<TopicPartition> partitions(String topic) {
        var found = ask("topic '%s'".formatted(topic), () -> consumer.partitionsFor(topic));
        if (found == null) {
            return List.of();
        }
        return found.stream()
                .map(each -> new TopicPartition(topic, each.partition()))
                .sorted(java.util.Comparator.comparingInt(TopicPartition::partition))
                .toList();
    }

    Map<TopicPartition, Long> begins(Collection<TopicPartition> partitions) {
        return ask("first offsets", () -> consumer.beginningOffsets(partitions));
    }

    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
        return ask("last offsets", () -> consumer.endOffsets(partitions));
    }

    /// The first offsets that were written at that time or later; the end where there is none.
    Map<TopicPartition, Long> at(Collection<TopicPartition> partitions, Instant time) {
        var asked = new HashMap<TopicPartition, Long>();
        partitions.forEach(each -> asked.put(each, time.toEpochMilli()));
        var found = ask("offsets by time", () -> consumer.offsetsForTimes(asked));
        var offsets = new HashMap<>(ends(partitions));
        found.forEach(
                (partition, offset) -> {
                    if (offset != null) {
                        offsets.put(partition, offset.offset());
                    }
                });
        return offsets;
    }

    /// What is there now, from a time on.
    List<Range> since(Collection<TopicPartition> partitions, Instant time) {
        var from = at(partitions, time);
        return ranges(partitions, from, ends(partitions));
    }

    /// What is there now.
    List<Range> all(Collection<TopicPartition> partitions) {
        return ranges(partitions, begins(partitions), ends(partitions));
    }

    static List<Range> ranges(
            Collection<TopicPartition> partitions,
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> to) {
        return partitions.stream()
                .map(
                        each ->
                                new Range(
                                        each,
                                        from.getOrDefault(each, 0L),
                                        to.getOrDefault(each, 0L)))
                .toList();
    }

    /// The record at that offset; null when retention took it or it was never there.
    @Nullable ConsumerRecord<byte[], byte[]> at(TopicPartition partition, long offset) {
        var found = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        var whole = all(List.of(partition)).getFirst();
        if (offset < whole.from() || offset >= whole.to()) {
            return null;
        }
        read(List.of(new Range(partition, offset, offset + 1)), found::add);
        return found.isEmpty() ? null : found.getFirst();
    }

    /// Reads the ranges side by side; each partition in its order. False: the visitor had enough.
    boolean read(Collection<Range> ranges, Visitor visitor) {
        var left = new HashMap<TopicPartition, Range>();
        ranges.stream().filter(each -> !each.isEmpty()).forEach(e -> left.put(e.partition(), e));
        assign(left.values());
        long lastProgress = System.nanoTime();
        while (!left.isEmpty()) {
            var records = poll();
            for (var record : records) {
                var range = left.get(new TopicPartition(record.topic(), record.partition()));
                if (range == null || record.offset() >= range.to()) {
                    continue;
                }
                if (!visitor.visit(record)) {
                    return false;
                }
            }
            if (dropFinished(left) || !records.isEmpty()) {
                lastProgress = System.nanoTime();
            } else if (System.nanoTime() - lastProgress > KafkaLink.PATIENCE.toNanos()) {
                throw new Failure(
                        "Kafka at %s sent nothing of %s for %d s"
                                .formatted(where, left.keySet(), KafkaLink.PATIENCE.toSeconds()));
            }
        }
        return true;
    }

    /// Reads from there on, as it comes, until the visitor has had enough or [#wakeUp].
    void follow(Map<TopicPartition, Long> from, Visitor visitor) {
        assign(
                from.entrySet().stream()
                        .map(each -> new Range(each.getKey(), each.getValue(), Long.MAX_VALUE))
                        .toList());
        try {
            while (true) {
                for (var record : poll()) {
                    if (!visitor.visit(record)) {
                        return;
                    }
                }
            }
        } catch (WakeupException _) {
            // asked to stop
        }
    }

    void wakeUp() {
        consumer.wakeup();
    }

    private void assign(Collection<Range> ranges) {
        consumer.assign(ranges.stream().map(Range::partition).toList());
        consumer.resume(consumer.assignment());
        ranges.forEach(each -> consumer.seek(each.partition(), each.from()));
    }

    private List<ConsumerRecord<byte[], byte[]>> poll() {
        try {
            var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
            for (var each : consumer.poll(POLL)) {
                if (each.headers().lastHeader(Canary.HEADER) == null) {
                    records.add(each);
                }
            }
            return records;
        } catch (OffsetOutOfRangeException e) {
            // Retention took the start while we came: what is left begins later.
            consumer.seekToBeginning(e.partitions());
            return List.of();
        } catch (WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            throw KafkaLink.failure("records", where, e);
        }
    }

    /// By position and not by the last record seen: transactions leave holes at the end.
    private boolean dropFinished(Map<TopicPartition, Range> left) {
        var finished =
                left.values().stream()
                        .filter(each -> consumer.position(each.partition()) >= each.to())
                        .map(Range::partition)
                        .toList();
        consumer.pause(finished);
        finished.forEach(left::remove);
        return !finished.isEmpty();
    }

    private <T> T ask(String what, Supplier<T> question) {
        try {
            return question.get();
        } catch (WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            throw KafkaLink.failure(what, where, e);
        }
    }

    @Override
    public void close() {
        consumer.close(
                org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
