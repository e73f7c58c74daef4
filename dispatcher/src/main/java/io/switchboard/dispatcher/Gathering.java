package io.switchboard.dispatcher;

import java.util.concurrent.TimeUnit;

/// How long the poll loop lets records gather before it polls again. A turn costs the broker,
/// Redis and ourselves nearly the same for one record as for twenty; so the more come, the longer
/// the pause, and those of a quiet hour find none.
///
/// Owned by the thread that polls.
final class Gathering {
    /// Records a second up to which nobody waits.
    private static final double QUIET = 1_500;

    /// For each record a second above it: 2 ms at 5,000 a second.
    private static final double NANOS = 600;

    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final double WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private double perNano;
    private long last;
    private long until;
    private boolean paused;

    /// Records came, or none.
    void took(int records, long nowNanos) {
        perNano = perNano * Math.exp((last - nowNanos) / WINDOW_NANOS) + records / WINDOW_NANOS;
        last = nowNanos;
        if (records == 0) {
            return;
        }
        until = nowNanos + pause();
        paused = until > nowNanos;
    }

    /// How long the next poll had better wait.
    long pauseNanos(long nowNanos) {
        return Math.max(0, until - nowNanos);
    }

    /// Whether those that come next had a pause to gather in.
    boolean hasPaused() {
        return paused;
    }

    private long pause() {
        double perSecond = perNano * TimeUnit.SECONDS.toNanos(1);
        return Math.clamp((long) ((perSecond - QUIET) * NANOS), 0, MOST_NANOS);
    }
}
