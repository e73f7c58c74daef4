package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.AppendAnswer;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.LaneId;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How far a lane has come, and so what it may commit.
///
/// A commit never goes back and never passes a record whose copies, letters or receipts Kafka has
/// not acknowledged. Its floor comes from the answer of an append, since a floor that is read
/// apart, just after the shard was emptied, would forget everything.
///
/// Owned by the lane's owner.
final class Progress {
    private final LaneId lane;
    private final TreeMap<Long, Integer> unacknowledged = new TreeMap<>();
    private long appended = -1;
    private long republished = -1;
    private long told = -1;
    private long caught;
    private @Nullable Long skip;
    private long recordTime;
    private long committed = -1;
    private boolean floorIsKnown;
    private long fence = -1;
    private long floor = -1;
    private String generation = "";

    Progress(LaneId lane) {
        this.lane = lane;
    }

    /// Begins at `from`.
    ///
    /// @param effectsThrough nothing at or below is republished, refused or told again
    /// @param caughtAt where the lane was before
    void begin(long from, long effectsThrough, long caughtAt, @Nullable Long skipTo) {
        appended = from - 1;
        republished = Math.max(republished, effectsThrough);
        told = Math.max(told, effectsThrough);
        caught = caughtAt;
        skip = skipTo;
        floorIsKnown = false;
    }

    /// The shard knows only this much.
    void goBackTo(long theFence) {
        appended = theFence;
        floorIsKnown = false;
    }

    void onAppended(long end, long newestRecord, AppendAnswer.Appended answer) {
        appended = end;
        told = Math.max(told, end);
        recordTime = Math.max(recordTime, newestRecord);
        fence = answer.fence();
        floor = answer.floor();
        generation = answer.generation();
        floorIsKnown = true;
    }

    // --- effects: what must be acknowledged before a commit passes its record

    /// True if the record's copies are still to be written; they are, from now on.
    boolean republishes(long offset) {
        if (offset <= republished) {
            return false;
        }
        republished = offset;
        return true;
    }

    /// Whether a letter or a receipt of this record was written before.
    boolean wasTold(long offset) {
        return offset <= told;
    }

    void effectBegins(long offset) {
        unacknowledged.merge(offset, 1, Integer::sum);
    }

    void effectEnds(long offset) {
        unacknowledged.computeIfPresent(offset, (_, count) -> count == 1 ? null : count - 1);
    }

    int effectsUnderWay() {
        return unacknowledged.size();
    }

    // --- what the others ask

    long appended() {
        return appended;
    }

    /// Whether the lane is where it was before it began; until then caps do not apply (the old
    /// drops would be decided anew) and nothing is released (the copies may be in the log).
    boolean isCaughtUpAt(long offset) {
        return offset >= caught;
    }

    long skip() {
        return skip == null ? 0 : skip;
    }

    long recordTime() {
        return recordTime;
    }

    long fence() {
        return fence;
    }

    long floor() {
        return floor;
    }

    /// What may be committed now; null: nothing is known yet.
    @Nullable CommitMarker marker(CommitMarker.@Nullable Redelivery redelivery, long now) {
        if (!floorIsKnown) {
            return null;
        }
        long settled =
                unacknowledged.isEmpty()
                        ? appended + 1
                        : Math.min(appended + 1, unacknowledged.firstKey());
        long offset = Math.max(committed, settled);
        return new CommitMarker(
                lane.tag(),
                offset,
                Math.min(floor, settled),
                generation,
                redelivery,
                skip != null && skip > offset ? skip : null,
                now);
    }

    void onCommitted(long offset) {
        committed = Math.max(committed, offset);
    }
}
