package io.switchboard.inbox;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Dedupe keys of this window and the one before, turned over by the log's own clock: a replay
/// meets the same windows as the first reading.
///
/// Confined to its shard.
final class RecentIds {
    private final long windowMillis;
    private long epoch = -1;
    private Map<String, Long> current = new HashMap<>();
    private Map<String, Long> previous = new HashMap<>();

    RecentIds(long windowMillis) {
        this.windowMillis = windowMillis;
    }

    RecentIds(RecentIds other) {
        windowMillis = other.windowMillis;
        epoch = other.epoch;
        current = new HashMap<>(other.current);
        previous = new HashMap<>(other.previous);
    }

    void turnTo(long recordTime) {
        long then = recordTime / windowMillis;
        if (then <= epoch) {
            return;
        }
        previous = then == epoch + 1 ? current : new HashMap<>();
        current = new HashMap<>();
        epoch = then;
    }

    /// The smallest offset at which it was seen.
    @Nullable Long find(String id) {
        var now = current.get(id);
        var before = previous.get(id);
        return now == null ? before : before == null ? now : (Long) Math.min(now, before);
    }

    void put(String id, long offset) {
        current.put(id, offset);
    }

    /// What was read again from the log; whatever is too old by now is left out.
    void restore(String id, long offset, long recordTime) {
        turnTo(recordTime);
        long then = recordTime / windowMillis;
        if (then == epoch) {
            current.merge(id, offset, Math::min);
        } else if (then == epoch - 1) {
            previous.merge(id, offset, Math::min);
        }
    }
}
