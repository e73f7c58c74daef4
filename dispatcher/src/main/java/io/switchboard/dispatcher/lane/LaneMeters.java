package io.switchboard.dispatcher.lane;

import io.switchboard.schemas.ErrorCode;

/// What lanes measure beside their counters. Thread-safe.
public interface LaneMeters {
    /// An event was stored.
    ///
    /// @param millis since the broker had taken its record
    void storedAfter(long millis);

    /// A record, or one target of it, became a dead letter.
    void rejected(ErrorCode reason);

    /// Measures nothing.
    LaneMeters NONE =
            new LaneMeters() {
                @Override
                public void storedAfter(long millis) {}

                @Override
                public void rejected(ErrorCode reason) {}
            };
}
