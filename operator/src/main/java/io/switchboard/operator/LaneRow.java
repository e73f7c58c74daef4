package io.switchboard.operator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.inbox.InboxInspection.LaneView;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One lane, as Kafka and Redis see it together.
///
/// Immutable.
///
/// @param owner the dispatcher that has it; null when nobody has
/// @param end of the log: the offset that the next record will get
/// @param committed null when the group has no commit for it
/// @param marker what stands in that commit, if a lane wrote it
/// @param waitingSince when the oldest record that is not stored was written; null when none waits
record LaneRow(
        LaneId lane,
        @Nullable String owner,
        long end,
        LaneView shard,
        @Nullable Long committed,
        @Nullable CommitMarker marker,
        @Nullable Instant waitingSince) {

    /// Records that are in Kafka and not yet in an inbox (holes count).
    long lag() {
        var fence = shard.fence();
        return fence == null ? end : Math.max(0, end - fence - 1);
    }

    boolean healthy() {
        return owner != null && shard.fence() != null && shard.fence() < end;
    }

    /// What an operator should know, or nothing.
    String note() {
        var fence = shard.fence();
        if (fence != null && fence >= end) {
            return "fence beyond the log's end: records were lost, or another Kafka";
        }
        if (owner == null) {
            return "no dispatcher has it";
        }
        if (fence == null) {
            return "being rebuilt";
        }
        if (committed == null) {
            return "nothing committed yet";
        }
        if (marker == null || !marker.isOf(lane, committed)) {
            return "committed by somebody else";
        }
        var redelivery = marker.redelivery();
        if (redelivery != null) {
            return "redelivering %s: at %d of %d to %d"
                    .formatted(
                            redelivery.id(), redelivery.next(), redelivery.from(), redelivery.to());
        }
        return marker.skip() == null ? "" : "skipping to " + marker.skip();
    }

    String behind(Instant now) {
        return waitingSince == null ? "-" : Moments.span(Duration.between(waitingSince, now));
    }

    ObjectNode json(Instant now) {
        var node =
                Json.object()
                        .put("lane", lane.toString())
                        .put("owner", owner)
                        .put("end", end)
                        .put("fence", shard.fence())
                        .put("committed", committed)
                        .put("floor", shard.floor())
                        .put("lag", lag());
        node.put(
                "lag_ms",
                waitingSince == null ? 0 : Duration.between(waitingSince, now).toMillis());
        return node.put("addresses", shard.addresses())
                .put("open", shard.open())
                .put("delayed", shard.delayed())
                .put("outbox", shard.outbox())
                .put("healthy", healthy())
                .put("note", note());
    }
}
