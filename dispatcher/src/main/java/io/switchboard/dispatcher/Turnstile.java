package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.Ports;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/// The one door into the poll loop: what completed elsewhere waits here until the loop comes by,
/// which is at once if it sits in `poll`.
///
/// Bounded by what can be under way: every entry answers something that the loop asked for.
///
/// [#enter] is thread-safe; the rest is the loop's.
final class Turnstile implements Ports.Door {
    private enum Loop {
        BUSY,
        POLLING,
        WOKEN
    }

    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Loop> loop = new AtomicReference<>(Loop.BUSY);
    private final Runnable wakeup;

    /// @param wakeup ends a running poll; called at most once per poll
    Turnstile(Runnable wakeup) {
        this.wakeup = wakeup;
    }

    @Override
    public void enter(Runnable answer) {
        waiting.add(answer);
        if (loop.compareAndSet(Loop.POLLING, Loop.WOKEN)) {
            wakeup.run();
        }
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
