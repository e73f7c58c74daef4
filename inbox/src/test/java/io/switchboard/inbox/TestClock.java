package io.switchboard.inbox;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Time as the test tells it.
final class TestClock implements InstantSource {
    /// Far ahead, so that no key's ttl, which goes by this clock, ends by Redis's own.
    static final long START = 4_000_000_000_000L;

    private long now = START;

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(now);
    }

    void pass(Duration time) {
        now += time.toMillis();
    }
}
