package io.switchboard.dispatcher.lane;

import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A record after its bytes were understood and its producer was looked at.
sealed interface Opened {

    /// @param origin proven; null when a producer outside wrote it
    /// @param problems the bad targets beside the good ones
    record Good(
            Apps.App app,
            @Nullable Origin origin,
            Envelope envelope,
            Apps.Route route,
            List<Problem> problems)
            implements Opened {
        /// How many targets the record was written with.
        int written() {
            return envelope.targets().size()
                    + (int) problems.stream().map(Problem::target).distinct().count();
        }
    }

    /// Nothing in it can be delivered.
    ///
    /// @param app who wrote it, if that was verified
    /// @param envelope if the bytes were understood
    /// @param route if it was found
    record Bad(
            ErrorCode error,
            String detail,
            @Nullable String app,
            @Nullable Origin origin,
            @Nullable Envelope envelope,
            Apps.@Nullable Route route)
            implements Opened {}
}
