package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.LaneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a lane begins: decided from its commit, its shard's fence and its log, without asking
/// anybody.
///
/// The fence is what really happened; a commit can only lag behind it. So a commit moves the start
/// back (effects that were not yet acknowledged are repeated), never forward.
final class LaneStart {
    /// How far a lane's own commit may have lagged behind its fence, when it is not there any more
    /// to say so: copies and letters of the records between were perhaps not yet written. They are
    /// repeated; a shard recognises a copy that it has.
    static final long UNSURE = 5_000;

    private LaneStart() {}

    /// @param committed null when the group has none for this partition
    /// @param events bounds of the lane's partition
    /// @param horizon offset of the oldest record that may still be worth delivering
    /// @param newId what a redelivery would be called
    record Facts(
            LaneId lane,
            Ports.@Nullable Committed committed,
            Inbox.LaneState shard,
            Ports.Bounds events,
            long horizon,
            String newId) {}

    static StartPlan decide(Facts facts) {
        var commit = Commit.of(facts.lane(), facts.committed());
        var fence = facts.shard().fence();
        return fence == null ? rebuild(facts, commit) : resume(facts, commit, fence);
    }

    /// Whose word a commit is.
    private sealed interface Commit {
        record None() implements Commit {}

        record Own(CommitMarker marker) implements Commit {}

        record Foreign(long offset) implements Commit {}

        static Commit of(LaneId lane, Ports.@Nullable Committed committed) {
            if (committed == null) {
                return new None();
            }
            var marker = CommitMarker.decode(committed.metadata());
            if (marker == null) {
                return new Foreign(committed.offset());
            }
            if (marker.isOf(lane, committed.offset())) {
                return new Own(marker);
            }
            // Of another life of the topic: it says nothing about this one.
            return marker.tag().equals(lane.tag()) ? new Foreign(committed.offset()) : new None();
        }
    }

    private static StartPlan resume(Facts facts, Commit commit, long fence) {
        if (fence >= facts.events().end()) {
            return new StartPlan.Refuse(
                    "the shard's fence is %d, but the log ends at %d (expected: a fence within the log; was the topic truncated, or is this another cluster's Redis?)"
                            .formatted(fence, facts.events().end()));
        }
        var notes = new ArrayList<String>();
        long next = fence + 1;
        long begin = facts.events().begin();
        Long advanceTo = null;
        if (next < begin) {
            notes.add(
                    "retention passed the fence: %d to %d are gone, and are marked as lost"
                            .formatted(next, begin - 1));
            advanceTo = begin;
            next = begin;
        }
        long unsure = Math.max(begin, next - UNSURE);
        return switch (commit) {
            case Commit.None _ ->
                    new StartPlan.Resume(
                            unsure, unsure - 1, next, null, null, true, advanceTo, notes);
            case Commit.Own(var marker) ->
                    new StartPlan.Resume(
                            Math.max(begin, Math.min(marker.offset(), next)),
                            marker.offset() - 1,
                            marker.offset(),
                            marker.redelivery(),
                            marker.skip(),
                            false,
                            advanceTo,
                            notes);
            case Commit.Foreign(long offset) -> {
                CommitMarker.Redelivery asked = null;
                if (offset <= fence) {
                    asked = redelivery(facts, offset, fence + 1);
                    notes.add(
                            "an operator's reset to %d: events of %d to %d are delivered again as '%s'"
                                    .formatted(offset, asked.from(), fence, asked.id()));
                } else if (offset > fence + 1) {
                    notes.add(
                            "a foreign commit at %d, ahead of the fence %d, is not obeyed (`./switchboard replay --skip-to` skips)"
                                    .formatted(offset, fence));
                }
                yield new StartPlan.Resume(
                        unsure, unsure - 1, next, asked, null, true, advanceTo, notes);
            }
        };
    }

    private static StartPlan rebuild(Facts facts, Commit commit) {
        long begin = facts.events().begin();
        long end = facts.events().end();
        return switch (commit) {
            case Commit.Own(var marker) -> {
                var notes = new ArrayList<String>();
                long from = Math.min(Math.max(marker.floor(), begin), end);
                if (from > marker.floor()) {
                    notes.add(
                            "retention passed the floor: %d to %d are gone, and are marked as lost"
                                    .formatted(marker.floor(), from - 1));
                }
                if (marker.offset() > end) {
                    yield new StartPlan.Refuse(
                            "the commit is at %d, but the log ends at %d (expected: a commit within the log; was the topic truncated?)"
                                    .formatted(marker.offset(), end));
                }
                yield new StartPlan.Rebuild(
                        from,
                        from > marker.floor() ? from : 0,
                        marker.offset() - 1,
                        marker.offset(),
                        marker.redelivery(),
                        marker.skip(),
                        false,
                        notes);
            }
            case Commit.None _ -> fromHorizon(facts, null, List.of());
            case Commit.Foreign(long offset) -> {
                var asked = offset < end ? redelivery(facts, offset, end) : null;
                yield fromHorizon(
                        facts,
                        asked,
                        asked == null
                                ? List.of()
                                : List.of(
                                        "an operator's reset to %d: events of %d to %d are delivered again as '%s'"
                                                .formatted(
                                                        offset,
                                                        asked.from(),
                                                        end - 1,
                                                        asked.id())));
            }
        };
    }

    /// Nothing says what was delivered: everything that may still matter is stored again.
    private static StartPlan fromHorizon(
            Facts facts, CommitMarker.@Nullable Redelivery redelivery, List<String> notes) {
        long from =
                Math.min(Math.max(facts.horizon(), facts.events().begin()), facts.events().end());
        return new StartPlan.Rebuild(
                from, from, from - 1, facts.events().end(), redelivery, null, true, notes);
    }

    private static CommitMarker.Redelivery redelivery(Facts facts, long from, long to) {
        long first = Math.min(Math.max(from, facts.events().begin()), to);
        return new CommitMarker.Redelivery(facts.newId(), first, to, first);
    }
}
