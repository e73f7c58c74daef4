package io.switchboard.dispatcher.lane;

import java.time.Instant;

/// The life of a lane, for one assignment.
///
///  Starting ─► Restoring ─► Running ⇄ Holding        every state ─► Starting, Stopped
///        └───────────────────┘
public sealed interface LaneState {

    /// Asks where to begin.
    ///
    /// @param attempt how often that failed in a row
    record Starting(int attempt) implements LaneState {}

    /// Puts back what an emptied shard must know.
    record Restoring(int attempt) implements LaneState {}

    record Running() implements LaneState {}

    /// Redis or Kafka is away, or something is wrong that only a person can mend: nothing is read.
    ///
    /// @param started whether the lane goes on with its batch, or begins anew
    record Holding(Instant until, int attempt, boolean started, String reason)
            implements LaneState {}

    /// The partition is somebody else's now.
    record Stopped() implements LaneState {}
}
