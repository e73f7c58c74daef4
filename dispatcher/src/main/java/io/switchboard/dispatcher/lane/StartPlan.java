package io.switchboard.dispatcher.lane;

import io.switchboard.schemas.CommitMarker;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a lane begins.
sealed interface StartPlan {

    /// The shard has a fence: go on after it.
    ///
    /// @param from first offset that is read
    /// @param effectsThrough nothing at or below is republished or refused again
    /// @param caught caps and releases wait until the lane has come here
    /// @param commitNow the group has no commit of this lane's own
    /// @param advanceTo the log begins only here: cross the gap first
    record Resume(
            long from,
            long effectsThrough,
            long caught,
            CommitMarker.@Nullable Redelivery redelivery,
            @Nullable Long skip,
            boolean commitNow,
            @Nullable Long advanceTo,
            List<String> notes)
            implements StartPlan {}

    /// The shard is empty: put back what it must know, then store from `from` on.
    ///
    /// @param base positions below cannot be vouched for
    record Rebuild(
            long from,
            long base,
            long effectsThrough,
            long caught,
            CommitMarker.@Nullable Redelivery redelivery,
            @Nullable Long skip,
            boolean commitNow,
            List<String> notes)
            implements StartPlan {}

    /// Beginning would do harm; a person must look.
    record Refuse(String reason) implements StartPlan {}
}
