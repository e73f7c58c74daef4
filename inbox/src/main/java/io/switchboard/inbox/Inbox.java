package io.switchboard.inbox;

import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The inboxes of all addresses, sharded by lane. Each call is atomic within its shard (long lists
/// go in parts, each of them atomic); calls on one shard are serialised in the order in which they
/// arrive, which two requests under way at once do not promise.
///
/// A call fails (exceptionally) with [InboxAway] when the store could not be asked or its answer
/// is unknown; everything else that can be expected is a value.
///
/// Thread-safe; never blocks.
public interface Inbox extends AutoCloseable {
    /// How long a dedupe key is held at least, by record time.
    Duration DEDUPE_WINDOW = Duration.ofMinutes(10);

    /// The same for a re-driven dead letter: as long as letters are kept.
    Duration LETTER_WINDOW = Duration.ofDays(7);

    // --- the lane's side: one caller per lane at a time

    /// Stores a batch and moves the fence. See [Append] and [AppendAnswer].
    CompletionStage<AppendAnswer> append(Append batch);

    /// The lane's fence and how much of the acks topic it has applied; for a lane start.
    CompletionStage<LaneState> lane(LaneId lane);

    /// @param fence null when there is none
    record LaneState(@Nullable Long fence, String generation, long acksApplied) {}

    /// Puts back what a shard without a fence must know before the first append: positions from
    /// the acks topic, origin fences and dedupe keys re-read from the log. The first part of a
    /// rebuild begins anew; each other one names the one before it, and is ignored by a shard that
    /// does not hold that: it was emptied or rolled back meanwhile, or is rebuilt by somebody else.
    /// Ignored once there is a fence.
    CompletionStage<Void> restore(Restore part);

    /// @param after token of the part before; empty: this is the first
    /// @param token of this part; the last one's is [Append.Init]'s
    /// @param ids dedupe keys with the offset and the record time at which each was seen
    /// @param acksOffset end offset of the acks partition that `positions` reach
    record Restore(
            LaneId lane,
            String after,
            String token,
            List<AckedPosition> positions,
            List<Append.OriginFence> origins,
            List<SeenId> ids,
            long acksOffset) {}

    record SeenId(String id, boolean letter, long offset, long recordTime) {}

    /// Applies positions that are in the acks topic (the larger wins, always) and removes drained
    /// outbox entries; a drained move is passed both ways, as position and by its id.
    CompletionStage<SettleAnswer> settle(Settle part);

    /// @param from with `to`: what of the acks topic is applied with it. A shard that has applied
    ///     less than `from` refuses, since what lies between would be skipped unseen
    /// @param to the shard has applied the topic so far, then; 0, as `from`: nothing is said
    record Settle(
            LaneId lane, List<AckedPosition> positions, List<String> drained, long from, long to) {
        public Settle {
            if (to < from) {
                throw new IllegalArgumentException(
                        "to: %d (expected: ≥ from %d)".formatted(to, from));
            }
        }
    }

    sealed interface SettleAnswer {
        /// @param held for each position, what holds now as far as the topic has said it: a lane
        ///     that reads back less than that from the topic writes the larger again. (What the
        ///     topic has not said may have a receipt that is not written yet.) Without a fence
        ///     nothing is applied, and each is -1. Positions of another topic's tag are left out,
        ///     as in [#restore]
        record Settled(List<AckedPosition> held) implements SettleAnswer {}

        /// Nothing was done: the shard has applied the topic only so far.
        record AcksBehind(long applied) implements SettleAnswer {}
    }

    /// Crosses a gap in the log: nothing before `to` will come. The fence becomes `to − 1` and
    /// everything below `to` that is not in an inbox is marked as lost, by `base` and by the `prev`
    /// of the next entries; delayed records below it, which nobody can read any more, are
    /// forgotten. The fence never goes back; without one nothing happens.
    CompletionStage<Void> advance(LaneId lane, long to);

    /// Expires, trims, and says which delayed records are due, by Redis's own clock; bounded work
    /// per call. The owner calls it each second.
    CompletionStage<Swept> sweep(LaneId lane);

    /// @param due offsets of delayed records whose time has come, at most 100, earliest first
    /// @param expired entries that ended now
    /// @param more call again at once
    record Swept(List<Long> due, int expired, boolean more) {
        public static final int MAX_DUE = 100;
    }

    // --- the edge's side

    /// Registers the edge for the address and reads what is missing, atomically: each event is in
    /// the answer or hinted to this edge. Of two registrations of one edge the larger
    /// (incarnation, number) stays.
    CompletionStage<Feed> attach(Attach request);

    /// @param agent whose cursor, for a role's or app's inbox; null for an agent's own. Its first
    ///     attach writes the cursor, at `acked` or, if that is less, at `after`
    /// @param after null: from where the reader starts (agent: `acked`; role, app: the agent's
    ///     cursor)
    /// @param limit of entries in the answer; bytes are bounded too
    record Attach(
            LaneId lane,
            Address address,
            @Nullable String agent,
            EdgeRef edge,
            long registration,
            @Nullable Long after,
            int limit) {}

    /// Ends a registration, if it is still this one.
    CompletionStage<Void> detach(LaneId lane, Address address, EdgeRef edge, long registration);

    /// Reads on without registering. Entries are read in order: after the last one while `more`.
    CompletionStage<Feed> read(LaneId lane, Address address, long after, int limit);

    /// Where many addresses of one shard stand; renews their keys' ttl.
    CompletionStage<List<Feed.Standing>> positions(LaneId lane, List<Check> checks);

    record Check(Address address, EdgeRef edge, long registration) {}

    /// Acknowledges, cumulatively, many addresses of one shard. Lowered to the fence; ignored
    /// without one. Answers, per ack, where the address stands then.
    CompletionStage<List<Feed.Standing>> ack(LaneId lane, List<Ack> acks);

    /// @param agent who acknowledges; moves its cursor in a role's or app's inbox
    record Ack(Address address, @Nullable String agent, long offset) {}

    /// Removes registrations of edges that are dead, as appends come across them.
    CompletionStage<Void> forget(LaneId lane, Address address, List<EdgeRef> edges);

    @Override
    void close();
}
