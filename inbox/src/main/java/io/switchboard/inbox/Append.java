package io.switchboard.inbox;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.ReceiptLevel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One batch of a lane, possibly empty.
///
/// Immutable.
///
/// @param lane whose shard
/// @param prev last offset that the lane had accounted for before this batch: its start − 1, or
///     the batch before's `end`; never "first − 1", since a log has holes
/// @param end last offset that this batch accounts for; `prev` on an empty batch
/// @param records those of (prev, end] that concern the inbox, by offset; at most [#MAX_RECORDS]
/// @param recordTime largest broker timestamp that the lane has seen, ms since the epoch; drives
///     the dedupe window
/// @param acksOffset how much of the lane's partition of the acks topic the shard has said that it
///     has; one that has applied less answers [AppendAnswer.AcksBehind]
/// @param caps whether caps apply: not before a rebuilt lane has reached its old commit
/// @param drains whether the answer shows the outbox: not while what an answer before showed is on
///     its way to Kafka
/// @param init only on the first batch of a lane start that found no fence
public record Append(
        LaneId lane,
        long prev,
        long end,
        List<Record> records,
        long recordTime,
        long acksOffset,
        boolean caps,
        boolean drains,
        @Nullable Init init) {
    public static final int MAX_RECORDS = 100;
    public static final int MAX_BYTES = 256 * 1024;

    public Append {
        if (end < prev) {
            throw new IllegalArgumentException(
                    "end: %d (expected: ≥ prev %d)".formatted(end, prev));
        }
        if (records.size() > MAX_RECORDS) {
            throw new IllegalArgumentException(
                    "records: %d (expected: ≤ %d)".formatted(records.size(), MAX_RECORDS));
        }
        long last = prev;
        for (var each : records) {
            if (each.offset() <= last || each.offset() > end) {
                throw new IllegalArgumentException(
                        "record offset: %d (expected: in (%d, %d])"
                                .formatted(each.offset(), last, end));
            }
            last = each.offset();
        }
    }

    /// Makes the fence, at `prev`. Accepted only while the shard still holds what
    /// [Inbox#restore] left, to the part of this token (called once at least, if with nothing);
    /// otherwise the answer is `Behind(null)`. Of no effect once there is a fence.
    ///
    /// @param base positions below it cannot be vouched for (LOST unknown); 0 when the rebuild
    ///     starts from a floor that the lane itself committed
    public record Init(String token, long base) {}

    /// @param frame ready for the socket
    /// @param expiry ms since the epoch; an entry past it is never delivered
    /// @param capEntries open entries that an agent's address may hold, or entries that a role's
    ///     or app's may; the oldest are dropped, the newest never
    /// @param capBytes the same, of frames
    /// @param ids exact dedupe keys within the window: `<app>|<address>|<producer's id>`,
    ///     `<address>|<event id>|<redelivery>`, `<first coordinates>` of a due copy. A repetition
    ///     is one whose key is held at a smaller offset
    /// @param letterIds the same for re-driven dead letters, kept as long as letters are
    /// @param origin fence of split and re-keyed records: repeated if ≤ the lane's for that source
    /// @param releases offset of the delayed original in this lane that this record is the due
    ///     copy of; whatever the outcome, the original is no longer delayed
    public record Record(
            long offset,
            Address address,
            String eventId,
            byte[] frame,
            long expiry,
            Verdict verdict,
            ReceiptLevel receipts,
            int capEntries,
            int capBytes,
            List<String> ids,
            List<String> letterIds,
            @Nullable OriginFence origin,
            @Nullable Long releases) {}

    /// What is to be done with a record.
    public sealed interface Verdict {
        /// Into the inbox.
        record Store() implements Verdict {}

        /// Remembered by offset until `due` (ms since the epoch), then re-read and forwarded.
        record Delay(long due) implements Verdict {}

        /// Skipped by an operator: a tombstone and a `dropped` receipt.
        record Drop() implements Verdict {}

        /// Not for the inbox (a dead letter, a list that was split): only `releases` counts.
        record Pass() implements Verdict {}
    }

    /// @param source lane of the first record, as `<tag>.<partition>`
    /// @param offset of the first record
    /// @param index of the target in it
    public record OriginFence(String source, long offset, int index) {}
}
