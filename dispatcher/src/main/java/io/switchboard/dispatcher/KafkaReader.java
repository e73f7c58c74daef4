package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.LogRecord;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Reads partitions back with a consumer of its own, by `assign`, beside the live stream; bounds
/// are asked through the admin client.
///
/// A read below the log's begin starts at the begin: what retention took is not there to be read.
///
/// Thread-safe; one thread owns the consumer.
final class KafkaReader implements Ports.LogReader, AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /// Beside the defaults of every consumer of ours.
    static final Map<String, Object> SETTINGS =
            Map.of(
                    ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                    ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000,
                    ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);

    private final String eventsTopic;
    private final Admin admin;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("log-reader").factory());
    private @Nullable Consumer<byte[], byte[]> consumer;

    KafkaReader(String eventsTopic, Admin admin, Supplier<Consumer<byte[], byte[]>> consumers) {
        this.eventsTopic = eventsTopic;
        this.admin = admin;
        this.consumers = consumers;
    }

    @Override
    public CompletionStage<Ports.Bounds> bounds(Ports.Log log, LaneId lane) {
        var at = partition(log, lane);
        return offset(at, OffsetSpec.earliest())
                .thenCombine(
                        offset(at, OffsetSpec.latest()),
                        (begin, end) -> new Ports.Bounds(begin.offset(), end.offset()));
    }

    /// Where these partitions of the events topic end, for who only looks.
    CompletionStage<Map<Integer, Long>> ends(Set<Integer> partitions) {
        var asked = new HashMap<TopicPartition, OffsetSpec>();
        partitions.forEach(
                each -> asked.put(new TopicPartition(eventsTopic, each), OffsetSpec.latest()));
        return stage(
                        admin.listOffsets(
                                        asked,
                                        new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                                .all())
                .thenApply(
                        found -> {
                            var ends = new HashMap<Integer, Long>();
                            found.forEach(
                                    (at, result) -> ends.put(at.partition(), result.offset()));
                            return ends;
                        });
    }

    @Override
    public CompletionStage<Long> offsetAt(LaneId lane, long timestamp) {
        var at = partition(Ports.Log.EVENTS, lane);
        return offset(at, OffsetSpec.forTimestamp(Math.max(0, timestamp)))
                .thenCompose(
                        found ->
                                found.offset() >= 0
                                        ? CompletableFuture.completedFuture(found.offset())
                                        : offset(at, OffsetSpec.latest())
                                                .thenApply(ListOffsetsResultInfo::offset));
    }

    @Override
    public CompletionStage<Ports.Chunk> read(Ports.Log log, LaneId lane, long from, long to) {
        if (from >= to) {
            return CompletableFuture.completedFuture(new Ports.Chunk(List.of(), to));
        }
        return CompletableFuture.supplyAsync(() -> read(partition(log, lane), from, to), thread);
    }

    private Ports.Chunk read(TopicPartition at, long from, long to) {
        var reader = consumer;
        if (reader == null) {
            reader = consumers.get();
            consumer = reader;
        }
        try {
            return read(reader, at, from, to);
        } catch (RuntimeException e) {
            // A consumer that failed is not asked again.
            consumer = null;
            reader.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ZERO));
            throw e;
        }
    }

    private static Ports.Chunk read(
            Consumer<byte[], byte[]> reader, TopicPartition at, long from, long to) {
        reader.assign(List.of(at));
        reader.seek(at, from);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            var found = new ArrayList<LogRecord>();
            for (var each : reader.poll(POLL).records(at)) {
                if (each.offset() < to) {
                    found.add(record(each));
                }
            }
            long next = Math.min(to, reader.position(at, PATIENCE));
            if (!found.isEmpty() || next >= to) {
                return new Ports.Chunk(found, next);
            }
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "%s: nothing of [%d, %d) within %d s"
                                .formatted(at, from, to, PATIENCE.toSeconds()));
            }
        }
    }

    static LogRecord record(ConsumerRecord<byte[], byte[]> each) {
        return new LogRecord(
                each.offset(), each.timestamp(), each.key(), each.value(), each.headers());
    }

    private TopicPartition partition(Ports.Log log, LaneId lane) {
        return new TopicPartition(
                switch (log) {
                    case EVENTS -> eventsTopic;
                    case ACKS -> Topics.ACKS;
                },
                lane.partition());
    }

    private CompletableFuture<ListOffsetsResultInfo> offset(TopicPartition at, OffsetSpec spec) {
        return stage(
                admin.listOffsets(
                                Map.of(at, spec),
                                new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .partitionResult(at));
    }

    static <T> CompletableFuture<T> stage(KafkaFuture<T> future) {
        return future.toCompletionStage().toCompletableFuture();
    }

    @Override
    public void close() {
        thread.execute(
                () -> {
                    if (consumer != null) {
                        consumer.close(
                                org.apache.kafka.clients.consumer.CloseOptions.timeout(
                                        Duration.ofSeconds(1)));
                    }
                });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
