package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.Inbox.SettleAnswer;
import io.switchboard.inbox.OutboxEntry;
import io.switchboard.inbox.OutboxEntry.Kind;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.RedrivenLetter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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

    /// A drain costs Kafka, Redis and us the same for one position as for twenty, and nobody waits
    /// for it.
    private static final Duration PACE = Duration.ofMillis(50);

    /// Nothing is said of the topic as a whole.
    private static final long NO_OFFSET = 0;

    private final LaneId lane;
    private final Ports ports;
    private final Answers answers;
    private final Counters<DispatcherCounter> counters;
    private final Beat pace;
    private long end;

    /// What an append asks of the shard: not what is on its way there on another connection, or
    /// the append that overtakes it would find the shard behind, and wait for the topic to be read.
    private long expected;

    /// Below it there is nothing of anybody else's that was not compared.
    private long compared;

    private boolean draining;
    private boolean comparing;

    AcksTopic(
            LaneId lane,
            Ports ports,
            Answers answers,
            Counters<DispatcherCounter> counters,
            InstantSource clock) {
        this.lane = lane;
        this.ports = ports;
        this.answers = answers;
        this.counters = counters;
        this.pace = new Beat(clock, PACE);
    }

    /// @param knownEnd of the lane's partition
    void begin(long knownEnd) {
        end = Math.max(end, knownEnd);
        compared = end;
        restart();
    }

    /// What was asked before is not answered any more.
    void restart() {
        draining = false;
        comparing = false;
        expected = end;
    }

    /// One after the last position that the shard has to have by now.
    long expected() {
        return expected;
    }

    /// Whether it is time to ask for the outbox. Never while what it showed before is on its way:
    /// it would show that again.
    boolean mayDrain() {
        return !draining && pace.isDue();
    }

    // --- out

    /// Receipts first, positions when Kafka has them: whoever restores a position takes it that
    /// everything through it has had its receipt. What the lane has taken over to write, it writes,
    /// whatever becomes of the shard meanwhile: an event whose `acknowledged` is out is not to be
    /// shown again by a rebuild.
    ///
    /// @param more when the shard has let go of them and there is more to ask for; null: these
    ///     are all
    void drain(List<OutboxEntry> outbox, @Nullable Runnable more) {
        if (draining || outbox.isEmpty()) {
            return;
        }
        draining = true;
        if (more == null) {
            pace.done();
        } else {
            pace.soon();
        }
        var moves = moves(outbox);
        var positions = moves.stream().map(this::position).toList();
        var ids =
                Stream.concat(moves.stream(), outbox.stream())
                        .map(OutboxEntry::id)
                        .distinct()
                        .toList();
        var still = answers.stillInThisStep();
        answers.always(
                all(receipts(outbox)),
                _ -> writeAndSettle(positions, ids, still, more),
                thrown -> notDrained(still, thrown));
    }

    private void writeAndSettle(
            List<AckedPosition> positions,
            List<String> ids,
            BooleanSupplier still,
            @Nullable Runnable more) {
        long before = end;
        answers.always(
                write(positions),
                next -> {
                    end = Math.max(end, next);
                    if (still.getAsBoolean()) {
                        settle(before, positions, ids, more);
                    } else {
                        expected = end;
                    }
                },
                thrown -> notDrained(still, thrown));
    }

    private void notDrained(BooleanSupplier still, Throwable thrown) {
        if (still.getAsBoolean()) {
            draining = false;
        }
        LOG.atError().setCause(thrown).addKeyValue("lane", lane).log("The outbox was not drained");
    }

    /// Those of the page, and what its acknowledgements imply of an address whose own move comes
    /// in a later one.
    private static List<OutboxEntry.Moved> moves(List<OutboxEntry> outbox) {
        var moves = new ArrayList<OutboxEntry.Moved>();
        var moved = new HashSet<Address>();
        var implied = new LinkedHashMap<Address, OutboxEntry.Moved>();
        for (var entry : outbox) {
            switch (entry) {
                case OutboxEntry.Moved move -> {
                    moves.add(move);
                    if (move.agent() == null) {
                        moved.add(move.address());
                    }
                }
                case OutboxEntry.Ended ended when ended.kind() == Kind.ACKNOWLEDGED ->
                        implied.put(ended.address(), ended.implied());
                case OutboxEntry.Ended _ -> {}
            }
        }
        implied.keySet().removeAll(moved);
        moves.addAll(implied.values());
        return moves;
    }

    /// One that Kafka refuses for good is counted, and does not hold up the others.
    private List<CompletableFuture<?>> receipts(List<OutboxEntry> outbox) {
        var written = new ArrayList<CompletableFuture<?>>();
        for (var entry : outbox) {
            if (entry instanceof OutboxEntry.Ended ended) {
                counters.increment(DispatcherCounter.RECEIPTS);
                written.add(
                        ports.outcomes()
                                .receipt(receipt(ended))
                                .exceptionally(
                                        _ -> {
                                            counters.increment(DispatcherCounter.OUTCOMES_REFUSED);
                                            return null;
                                        })
                                .toCompletableFuture());
            }
        }
        return written;
    }

    private void settle(
            long before, List<AckedPosition> positions, List<String> ids, @Nullable Runnable more) {
        boolean alone = end - before == positions.size();
        long from = alone ? before : NO_OFFSET;
        long to = alone ? end : NO_OFFSET;
        answers.inThisStep(
                ports.inbox().settle(new Inbox.Settle(lane, positions, ids, from, to)),
                _ -> {
                    draining = false;
                    // A shard that refuses was rolled back: its next append says so.
                    expected = Math.max(expected, to);
                    if (more != null) {
                        more.run();
                    }
                },
                _ -> {
                    draining = false;
                    expected = end;
                });
        if (alone && compared == before) {
            compared = end;
        } else {
            compare();
        }
    }

    /// Answers one after the last of them, once for all: each answer alone would wake the owner.
    private CompletionStage<Long> write(List<AckedPosition> positions) {
        counters.add(DispatcherCounter.POSITIONS_WRITTEN, positions.size());
        var written =
                positions.stream()
                        .map(each -> ports.outcomes().acked(lane, each).toCompletableFuture())
                        .toList();
        return all(written)
                .thenApply(
                        _ ->
                                written.stream().mapToLong(CompletableFuture::join).max().orElse(-1)
                                        + 1);
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
                chunk -> {
                    long next = Math.min(chunk.next(), end);
                    var read = positions(lane, chunk.records());
                    answers.inThisStep(
                            ports.inbox()
                                    .settle(new Inbox.Settle(lane, read, List.of(), from, next)),
                            answer -> apply(reached(answer, next), then, failed),
                            failed);
                },
                failed);
    }

    private static long reached(SettleAnswer answer, long next) {
        return switch (answer) {
            case SettleAnswer.Settled _ -> next;
            case SettleAnswer.AcksBehind(long applied) -> applied;
        };
    }

    /// Looks whether somebody else wrote to the lane's partition.
    void check() {
        if (comparing || draining) {
            return;
        }
        answers.inThisStep(
                ports.reader().bounds(Ports.Log.ACKS, lane),
                bounds -> {
                    if (!draining) {
                        end = Math.max(end, bounds.end());
                        compare();
                    }
                },
                _ -> {});
    }

    /// Writes again what somebody else wrote smaller. What could not be compared now is compared
    /// at the next check.
    private void compare() {
        if (comparing || compared >= end) {
            return;
        }
        comparing = true;
        long from = compared;
        answers.inThisStep(
                ports.reader().read(Ports.Log.ACKS, lane, from, end),
                chunk -> {
                    long next = Math.min(chunk.next(), end);
                    var read = positions(lane, chunk.records());
                    answers.inThisStep(
                            ports.inbox()
                                    .settle(new Inbox.Settle(lane, read, List.of(), from, next)),
                            answer -> {
                                comparing = false;
                                expected = Math.max(expected, next);
                                if (answer instanceof SettleAnswer.Settled(var held)) {
                                    compared = next;
                                    overwrite(read, held);
                                    compare();
                                }
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
                answers.always(write(List.of(larger)), next -> end = Math.max(end, next), _ -> {});
            }
        }
    }

    /// Those of this life of the topic; anything unreadable is nobody's position.
    static List<AckedPosition> positions(LaneId lane, List<LogRecord> records) {
        var positions = new ArrayList<AckedPosition>(records.size());
        for (var record : records) {
            if (record.key() == null
                    || record.value() == null
                    || RedrivenLetter.isKey(record.key())) {
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

    /// Letters that were re-driven, as ids of the same life.
    static List<Inbox.SeenId> letters(LaneId lane, List<LogRecord> records) {
        var letters = new ArrayList<Inbox.SeenId>();
        for (var record : records) {
            var seen =
                    record.key() == null || record.value() == null
                            ? null
                            : RedrivenLetter.decode(record.key(), record.value());
            if (seen != null && seen.tag().equals(lane.tag())) {
                letters.add(new Inbox.SeenId(seen.letter(), true, seen.offset(), seen.time()));
            }
        }
        return letters;
    }

    private static CompletionStage<Void> all(List<? extends CompletableFuture<?>> stages) {
        return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new));
    }
}
