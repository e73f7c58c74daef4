package io.switchboard.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Sends by a schedule that was fixed beforehand, whatever each send takes: a system that stalls
/// is not spared the events that were due meanwhile, and they carry the time that they were due.
final class Load {
    /// Does not block, or only while its buffer is full.
    interface Sender {
        void send(long number, long dueNanos);
    }

    /// @param startNanos when the first was due
    /// @param endNanos when the one behind the last would be
    /// @param sent how many
    /// @param lateNanos how late the latest was sent: more than some ms is the sender's own lack
    record Sent(long startNanos, long endNanos, long sent, long lateNanos) {}

    private static final long LEAD_NANOS = 50_000_000;

    private Load() {}

    /// The time at which a run that is prepared now may begin.
    static long soon() {
        return System.nanoTime() + LEAD_NANOS;
    }

    static Sent run(long startNanos, double perSecond, Duration length, Sender sender) {
        long count = Math.round(perSecond * length.toNanos() / 1e9);
        long latest = 0;
        for (long i = 0; i < count; i++) {
            long due = startNanos + (long) (i * 1e9 / perSecond);
            for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
                LockSupport.parkNanos(due - now);
            }
            sender.send(i, due);
            latest = Math.max(latest, System.nanoTime() - due);
        }
        return new Sent(startNanos, startNanos + length.toNanos(), count, latest);
    }
}
