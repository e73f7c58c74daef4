package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.DispatcherCounter;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.RedrivenLetter;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what must arrive: copies, receipts, dead letters, positions. In order per partition, and
/// for as long as it takes: a record that was given up could be overtaken by its successor, and
/// the shard's fence would then drop it for ever.
///
/// A producer that makes no progress for 30 s while something waits, or that fails in a way that
/// it cannot mend itself, is closed without waiting, and a new one sends again from the first
/// record that was not acknowledged. What the old one appended is a prefix of that: repetitions,
/// never gaps.
///
/// Thread-safe. A thread of its own sends, since a producer may block while Kafka is away.
final class LogWriter implements Ports.EventsLog, Ports.Outcomes, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final class Pending {
        private final ProducerRecord<byte[], byte[]> record;
        private final CompletableFuture<Long> written = new CompletableFuture<>();
        private boolean over;

        Pending(ProducerRecord<byte[], byte[]> record) {
            this.record = record;
        }
    }

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final Counters<DispatcherCounter> counters;
    private final Duration patience;
    private final Thread thread;
    private final Object lock = new Object();

    /// Given, and not yet acknowledged; oldest first. Guarded by `lock`.
    private final ArrayDeque<Pending> unacknowledged = new ArrayDeque<>();

    /// Those of them that this producer was not given. Guarded by `lock`.
    private final ArrayDeque<Pending> unsent = new ArrayDeque<>();

    private boolean renew;
    private boolean closed;
    private long generation;
    private long lastProgress = System.nanoTime();

    /// @param producers makes idempotent ones with [#SETTINGS]
    LogWriter(
            Supplier<Producer<byte[], byte[]>> producers,
            Counters<DispatcherCounter> counters,
            Duration patience) {
        this.producers = producers;
        this.counters = counters;
        this.patience = patience;
        this.thread = Thread.ofPlatform().name("log-writer").unstarted(this::run);
    }

    LogWriter start() {
        thread.start();
        return this;
    }

    /// Beside the defaults of every producer of ours.
    static final Map<String, Object> SETTINGS =
            Map.of(
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE,
                    ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE,
                    ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());

    @Override
    public CompletionStage<Void> republish(ProducerRecord<byte[], byte[]> copy) {
        return write(copy).thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Void> receipt(Receipt receipt) {
        return write(new ProducerRecord<>(Topics.RECEIPTS, receipt.key(), receipt.encode()))
                .thenAccept(_ -> {});
    }

    /// One that does not fit is kept by its coordinates alone.
    @Override
    public CompletionStage<Void> deadLetter(DeadLetter letter) {
        return write(record(letter, letter.raw()))
                .exceptionallyCompose(_ -> write(record(letter, null)))
                .thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Long> acked(LaneId lane, AckedPosition position) {
        return write(
                new ProducerRecord<>(
                        Topics.ACKS, lane.partition(), position.key(), position.encode()));
    }

    @Override
    public CompletionStage<Void> redriven(LaneId lane, RedrivenLetter letter) {
        return write(
                        new ProducerRecord<>(
                                Topics.ACKS, lane.partition(), letter.key(), letter.encode()))
                .thenAccept(_ -> {});
    }

    private static ProducerRecord<byte[], byte[]> record(
            DeadLetter letter, byte @Nullable [] value) {
        var record = new ProducerRecord<byte[], byte[]>(Topics.DEAD_LETTERS, letter.key(), value);
        letter.headers().forEach((name, each) -> record.headers().add(name, each));
        return record;
    }

    private CompletableFuture<Long> write(ProducerRecord<byte[], byte[]> record) {
        var pending = new Pending(record);
        synchronized (lock) {
            if (unacknowledged.isEmpty()) {
                lastProgress = System.nanoTime();
            }
            unacknowledged.add(pending);
            unsent.add(pending);
            lock.notifyAll();
        }
        return pending.written;
    }

    int waiting() {
        synchronized (lock) {
            return unacknowledged.size();
        }
    }

    boolean isStuck() {
        synchronized (lock) {
            return !unacknowledged.isEmpty()
                    && System.nanoTime() - lastProgress > patience.toNanos();
        }
    }

    private void run() {
        var producer = producers.get();
        try {
            while (true) {
                Pending next;
                long life;
                synchronized (lock) {
                    while (!closed && !mustRenew() && unsent.isEmpty()) {
                        lock.wait(1_000);
                    }
                    if (closed) {
                        return;
                    }
                    if (mustRenew()) {
                        generation++;
                        renew = false;
                        lastProgress = System.nanoTime();
                        unsent.clear();
                        unsent.addAll(unacknowledged);
                        next = null;
                    } else {
                        next = unsent.removeFirst();
                        if (next.over) {
                            continue;
                        }
                    }
                    life = generation;
                }
                if (next == null) {
                    producer.close(Duration.ZERO);
                    producer = producers.get();
                    counters.increment(DispatcherCounter.WRITER_RENEWED);
                    LOG.atWarn().log("A producer made no progress and was replaced");
                    continue;
                }
                send(producer, next, life);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            producer.close(Duration.ofSeconds(closed ? 5 : 0));
        }
    }

    private boolean mustRenew() {
        return renew
                || (!unacknowledged.isEmpty()
                        && System.nanoTime() - lastProgress > patience.toNanos());
    }

    private void send(Producer<byte[], byte[]> producer, Pending pending, long life) {
        try {
            producer.send(
                    pending.record,
                    (metadata, thrown) -> onAnswer(pending, life, metadata, thrown));
        } catch (RuntimeException thrown) {
            onAnswer(pending, life, null, thrown);
        }
    }

    private void onAnswer(
            Pending pending,
            long life,
            @Nullable RecordMetadata metadata,
            @Nullable Exception thrown) {
        synchronized (lock) {
            if (pending.over || (thrown != null && life != generation)) {
                return;
            }
            if (thrown != null && !isPermanent(thrown)) {
                // Whatever came after it may be in the log: everything from here on is sent again.
                LOG.atWarn().log("A producer failed, and is replaced: {}", thrown.toString());
                renew = true;
                lock.notifyAll();
                return;
            }
            pending.over = true;
            lastProgress = System.nanoTime();
            while (!unacknowledged.isEmpty() && unacknowledged.getFirst().over) {
                unacknowledged.removeFirst();
            }
        }
        if (thrown != null) {
            pending.written.completeExceptionally(
                    new Ports.Refused(
                            thrown.getMessage() == null ? thrown.toString() : thrown.getMessage()));
        } else {
            pending.written.complete(metadata == null ? -1 : metadata.offset());
        }
    }

    private static boolean isPermanent(Exception thrown) {
        return thrown instanceof RecordTooLargeException
                || thrown instanceof AuthorizationException
                || thrown instanceof InvalidTopicException
                || thrown instanceof SerializationException;
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        try {
            thread.join(Duration.ofSeconds(6));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
