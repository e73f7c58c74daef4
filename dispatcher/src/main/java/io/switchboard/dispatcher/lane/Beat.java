package io.switchboard.dispatcher.lane;

import java.time.Duration;
import java.time.InstantSource;

/// What is done once in a while. A clock that is set back delays nothing.
///
/// Owned by the lane's owner.
final class Beat {
    private final InstantSource clock;
    private final long everyMillis;
    private long last;
    private boolean soon = true;

    Beat(InstantSource clock, Duration every) {
        this.clock = clock;
        this.everyMillis = every.toMillis();
    }

    boolean isDue() {
        long since = clock.millis() - last;
        return soon || since >= everyMillis || since < 0;
    }

    /// Not again for a while.
    void done() {
        last = clock.millis();
        soon = false;
    }

    /// As soon as it is asked.
    void soon() {
        soon = true;
    }
}
