package io.switchboard.edge.delivery;

import java.util.random.RandomGenerator;

/// When a store that did not answer is asked again: full jitter below a bound that doubles.
///
/// Owned by the delivery thread.
final class Backoff {
    private static final long FIRST_MILLIS = 100;
    private static final long LONGEST_MILLIS = 2_000;

    private long boundMillis;
    private long untilMillis;

    void onFailed(long nowMillis, RandomGenerator random) {
        boundMillis = Math.min(LONGEST_MILLIS, Math.max(FIRST_MILLIS, boundMillis * 2));
        if (untilMillis <= nowMillis) {
            untilMillis = nowMillis + 1 + random.nextLong(boundMillis);
        }
    }

    void onAnswered() {
        boundMillis = 0;
        untilMillis = 0;
    }

    boolean failing() {
        return boundMillis > 0;
    }

    /// A clock that was set back makes nobody wait longer.
    boolean waits(long nowMillis) {
        return nowMillis < untilMillis && untilMillis - nowMillis <= LONGEST_MILLIS;
    }
}
