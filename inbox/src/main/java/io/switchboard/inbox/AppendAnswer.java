package io.switchboard.inbox;

import io.switchboard.schemas.EdgeRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a shard says to an [Append].
public sealed interface AppendAnswer {

    /// @param fence now
    /// @param floor from where a rebuild must store: the smallest offset that is open (or, in a
    ///     role's or app's inbox, held at all), delayed, whose receipts are undrained, or that has
    ///     ended while no settled position says so; fence + 1 when there is none
    /// @param generation random, made with the fence
    /// @param acksApplied offset of the acks topic that the shard has applied
    /// @param outcomes one for each record, in order
    /// @param outbox if it was asked for, the oldest of what functions caused, at most
    ///     [#MAX_OUTBOX]: to be produced, then settled
    /// @param outboxLeft more is waiting
    record Appended(
            long fence,
            long floor,
            String generation,
            long acksApplied,
            List<Outcome> outcomes,
            List<OutboxEntry> outbox,
            boolean outboxLeft)
            implements AppendAnswer {
        public static final int MAX_OUTBOX = 100;
    }

    /// Nothing was stored: `prev` is beyond the fence, or there is no fence (null). The lane goes
    /// back to fence + 1, or starts again.
    record Behind(@Nullable Long fence) implements AppendAnswer {}

    /// Nothing was stored: the shard has applied the acks topic only so far. The lane applies it
    /// from there (`settle`) and repeats.
    record AcksBehind(long applied) implements AppendAnswer {}

    /// @param prev offset of the address's entry before it, or through which nothing can be vouched
    ///     for: less than the entry's own; meaningful when STORED or GONE
    /// @param edges where the address is online; empty unless STORED
    /// @param frame on a repetition of a stored entry, that entry's frame; null: the record's own
    /// @param expiry of the stored entry
    record Outcome(
            Kind kind, long prev, List<EdgeRef> edges, byte @Nullable [] frame, long expiry) {
        public enum Kind {
            /// In the inbox, now or since an earlier time: hint it.
            STORED,
            /// Seen before; no hint.
            REPEAT,
            DELAYED,
            /// Stored as a tombstone: skipped, expired before it arrived, over by a position in the
            /// acks topic, or pushed out by a later record of the same batch.
            GONE,
            PASSED
        }
    }
}
