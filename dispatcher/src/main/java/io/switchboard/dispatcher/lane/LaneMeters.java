package io.switchboard.dispatcher.lane;

import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.LaneId;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// What lanes measure beside their counters. Thread-safe.
public interface LaneMeters {
    /// An event was stored.
    ///
    /// @param millis since the broker had taken its record
    void storedAfter(long millis);

    /// A record, or one target of it, became a dead letter.
    void rejected(ErrorCode reason);

    /// A batch goes to its shard. Answers what is to be run when the shard has it; null: nobody
    /// wants to know.
    default @Nullable Runnable batch(LaneId lane, List<Traced> events) {
        return null;
    }

    /// Whether [#batch] is to be called at all.
    default boolean traces() {
        return false;
    }

    /// An event of a batch.
    record Traced(String eventId, long offset, Headers headers) {}

    /// Measures nothing.
    LaneMeters NONE =
            new LaneMeters() {
                @Override
                public void storedAfter(long millis) {}

                @Override
                public void rejected(ErrorCode reason) {}
            };
}
