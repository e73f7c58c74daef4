package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.Ports;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The one door into the poll loop: what completed elsewhere waits here until the loop comes by,
/// which is at once if it sits in `poll` or waits at the door itself.
///
/// Bounded by what can be under way: every entry answers something that the loop asked for.
///
/// [#enter] is thread-safe; the rest is the loop's.
final class Turnstile implements Ports.Door {
    private enum Loop {
        BUSY,
        POLLING,
        AT_THE_DOOR,
        WOKEN
    }

    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Loop> loop = new AtomicReference<>(Loop.BUSY);
    private final Runnable wakeup;
    private volatile @Nullable Thread owner;

    /// @param wakeup ends a running poll; called at most once per poll
    Turnstile(Runnable wakeup) {
        this.wakeup = wakeup;
    }

    @Override
    public void enter(Runnable answer) {
        waiting.add(answer);
        if (loop.compareAndSet(Loop.POLLING, Loop.WOKEN)) {
            wakeup.run();
        } else if (loop.compareAndSet(Loop.AT_THE_DOOR, Loop.WOKEN)) {
            LockSupport.unpark(owner);
        }
    }

    /// Waits until somebody comes, or so long.
    void await(Duration most) {
        owner = Thread.currentThread();
        loop.set(Loop.AT_THE_DOOR);
        if (waiting.isEmpty()) {
            LockSupport.parkNanos(this, most.toNanos());
        }
        loop.set(Loop.BUSY);
    }

    /// True if the loop may wait in poll: nobody has come meanwhile.
    boolean beforePoll() {
        loop.set(Loop.POLLING);
        if (waiting.isEmpty()) {
            return true;
        }
        return !loop.compareAndSet(Loop.POLLING, Loop.BUSY);
    }

    void afterPoll() {
        loop.set(Loop.BUSY);
    }

    /// Runs what is here now, and not what it causes: the loop polls in between.
    void serve() {
        for (int left = waiting.size(); left > 0; left--) {
            var next = waiting.poll();
            if (next == null) {
                return;
            }
            next.run();
        }
    }
}
