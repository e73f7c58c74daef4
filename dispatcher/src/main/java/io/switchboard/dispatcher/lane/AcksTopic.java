package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.OutboxEntry;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries the shard's outbox into Kafka (positions to the acks topic, receipts to the receipts
/// topic), and the acks topic back into the shard when that has forgotten.
///
/// Only this lane writes its partition of the acks topic; what else appears there is a zombie's,
/// whose positions may be smaller. They are read, and the larger is written again, since
/// compaction keeps the last and not the largest.
///
/// Owned by the lane's owner.
final class AcksTopic {
    private static final Logger LOG = LoggerFactory.getLogger(AcksTopic.class);

    /// Applies nothing of the topic as a whole: [Inbox#settle] takes the larger offset.
    private static final long NO_OFFSET = 0;

    private final LaneId lane;
    private final Ports ports;
    private final Answers answers;
    private final Counters<DispatcherCounter> counters;
    private long end;
    private boolean draining;
    private boolean comparing;
    private boolean raised;

    AcksTopic(LaneId lane, Ports ports, Answers answers, Counters<DispatcherCounter> counters) {
        this.lane = lane;
        this.ports = ports;
        this.answers = answers;
        this.counters = counters;
    }

    /// @param knownEnd of the lane's partition
    void begin(long knownEnd) {
        end = Math.max(end, knownEnd);
        restart();
    }

    /// What was asked before is not answered any more.
    void restart() {
        draining = false;
        comparing = false;
    }

    /// One after the last position that this lane knows of.
    long end() {
        return end;
    }

    /// Whether an answer to a question asked now shows an outbox without what was drained before.
    boolean isSettled() {
        return !draining;
    }

    /// Whether the shard's `applied` may have been raised over positions that a rollback, unseen
    /// as yet, had taken away.
    boolean raisedSinceLastAppend() {
        return raised;
    }

    void onAppended() {
        raised = false;
    }

    // --- out

    /// Receipts first: whoever restores a position from the topic takes it that everything through
    /// it has had its receipt.
    ///
    /// @param then when the shard has let go of them
    void drain(List<OutboxEntry> outbox, Runnable then) {
        if (draining || outbox.isEmpty()) {
            return;
        }
        draining = true;
        var positions = new ArrayList<AckedPosition>();
        var receipts = new ArrayList<CompletableFuture<?>>();
        for (var entry : outbox) {
            switch (entry) {
                case OutboxEntry.Moved moved -> positions.add(position(moved));
                case OutboxEntry.Ended ended -> {
                    counters.increment(DispatcherCounter.RECEIPTS);
                    receipts.add(forgiven(ports.outcomes().receipt(receipt(ended))));
                }
            }
        }
        var ids = outbox.stream().map(OutboxEntry::id).toList();
        answers.inThisStep(all(receipts), _ -> write(positions, ids, then), this::onNotDrained);
    }

    private void write(List<AckedPosition> positions, List<String> ids, Runnable then) {
        long before = end;
        var written = new ArrayList<CompletableFuture<?>>();
        positions.forEach(position -> written.add(write(position)));
        answers.inThisStep(
                all(written), _ -> settle(before, positions, ids, then), this::onNotDrained);
    }

    private void onNotDrained(Throwable thrown) {
        draining = false;
        LOG.atError().setCause(thrown).addKeyValue("lane", lane).log("The outbox was not drained");
    }

    private void settle(
            long before, List<AckedPosition> positions, List<String> ids, Runnable then) {
        long others = end - before - positions.size();
        raised = true;
        answers.inThisStep(
                ports.inbox().settle(lane, positions, ids, end),
                _ -> {
                    draining = false;
                    then.run();
                },
                _ -> draining = false);
        if (others > 0) {
            compare(before, end);
        }
    }

    private CompletableFuture<?> write(AckedPosition position) {
        counters.increment(DispatcherCounter.POSITIONS_WRITTEN);
        var done = new CompletableFuture<Void>();
        answers.always(
                ports.outcomes().acked(lane, position),
                offset -> {
                    end = Math.max(end, offset + 1);
                    done.complete(null);
                },
                done::completeExceptionally);
        return done;
    }

    /// A receipt that Kafka refuses for good is counted, and does not hold up the others.
    private CompletableFuture<?> forgiven(CompletionStage<Void> written) {
        return written.handle(
                        (_, thrown) -> {
                            if (thrown != null) {
                                counters.increment(DispatcherCounter.OUTCOMES_REFUSED);
                            }
                            return true;
                        })
                .toCompletableFuture();
    }

    private AckedPosition position(OutboxEntry.Moved moved) {
        return new AckedPosition(
                moved.address(),
                moved.agent(),
                lane.tag(),
                moved.acked(),
                moved.settled(),
                moved.gone());
    }

    private Receipt receipt(OutboxEntry.Ended ended) {
        var kind =
                switch (ended.kind()) {
                    case ACKNOWLEDGED -> Receipt.Kind.ACKNOWLEDGED;
                    case EXPIRED -> Receipt.Kind.EXPIRED;
                    case DROPPED -> Receipt.Kind.DROPPED;
                };
        return new Receipt(
                ended.eventId(),
                kind,
                ended.address(),
                new Position(lane.tag(), lane.partition(), ended.offset()),
                Instant.ofEpochMilli(ended.at()),
                null,
                null,
                null);
    }

    // --- back

    /// Applies what the topic holds from `from` on, then goes on.
    void apply(long from, Runnable then, java.util.function.Consumer<Throwable> failed) {
        if (from >= end) {
            then.run();
            return;
        }
        answers.inThisStep(
                ports.reader().read(Ports.Log.ACKS, lane, from, end),
                chunk ->
                        answers.inThisStep(
                                ports.inbox()
                                        .settle(
                                                lane,
                                                positions(lane, chunk.records()),
                                                List.of(),
                                                Math.min(chunk.next(), end)),
                                _ -> apply(chunk.next(), then, failed),
                                failed),
                failed);
    }

    /// Looks whether somebody else wrote to the lane's partition.
    void check() {
        if (comparing || draining) {
            return;
        }
        answers.inThisStep(
                ports.reader().bounds(Ports.Log.ACKS, lane),
                bounds -> {
                    if (bounds.end() > end && !draining) {
                        long from = end;
                        end = bounds.end();
                        compare(from, bounds.end());
                    }
                },
                _ -> {});
    }

    /// Writes again what somebody else wrote smaller.
    private void compare(long from, long to) {
        if (from >= to) {
            comparing = false;
            return;
        }
        comparing = true;
        answers.inThisStep(
                ports.reader().read(Ports.Log.ACKS, lane, from, to),
                chunk -> {
                    var read = positions(lane, chunk.records());
                    answers.inThisStep(
                            ports.inbox().settle(lane, read, List.of(), NO_OFFSET),
                            held -> {
                                overwrite(read, held);
                                compare(chunk.next(), to);
                            },
                            _ -> comparing = false);
                },
                _ -> comparing = false);
    }

    private void overwrite(List<AckedPosition> read, List<AckedPosition> held) {
        for (int at = 0; at < read.size(); at++) {
            var larger = read.get(at).max(held.get(at));
            if (!larger.equals(read.get(at))) {
                counters.increment(DispatcherCounter.POSITIONS_OVERWRITTEN);
                write(larger);
            }
        }
    }

    /// Those of this life of the topic; anything unreadable is nobody's position.
    static List<AckedPosition> positions(LaneId lane, List<LogRecord> records) {
        var positions = new ArrayList<AckedPosition>(records.size());
        for (var record : records) {
            if (record.key() == null || record.value() == null) {
                continue;
            }
            try {
                var position = AckedPosition.decode(record.key(), record.value());
                if (position.tag().equals(lane.tag())) {
                    positions.add(position);
                }
            } catch (IllegalArgumentException _) {
                LOG.atWarn()
                        .addKeyValue("lane", lane)
                        .log("A record of the acks topic at {} is malformed", record.offset());
            }
        }
        return positions;
    }

    private static CompletionStage<Void> all(List<CompletableFuture<?>> stages) {
        return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new));
    }
}
