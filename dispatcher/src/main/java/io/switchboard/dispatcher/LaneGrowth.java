package io.switchboard.dispatcher;

import io.switchboard.runtime.BlockedApps;
import io.switchboard.runtime.ControlFeed;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.ControlCommand.Lanes.Step;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// While the lanes grow nobody may work on them: a dispatcher that runs ends (it commits, and its
/// supervisor starts it again), and one that starts waits until it is done.
///
/// Thread-safe.
final class LaneGrowth implements ControlFeed.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(LaneGrowth.class);
    private static final Duration HEARING = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    /// Then a supervisor's log says why nothing is delivered.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final LaneLayout layout;
    private final Consumer<Throwable> fatal;
    private volatile boolean permitted;

    LaneGrowth(String topic, Consumer<Throwable> fatal) {
        this.layout = new LaneLayout(topic, this::onChange);
        this.fatal = fatal;
    }

    LaneLayout layout() {
        return layout;
    }

    @Override
    public void hear(ControlCommand.Read read, boolean anew) {
        layout.hear(read);
    }

    /// Returns when this process may work on the lanes.
    ///
    /// @throws Failure when it is not known, or the lanes grow for too long
    void awaitPermission(BlockedApps heard) throws InterruptedException {
        if (!heard.awaitHeard(HEARING)) {
            throw new Failure(
                    "the control topic was not read within %d s (expected: it says how the lanes lie; `./switchboard topics create` makes it)"
                            .formatted(HEARING.toSeconds()));
        }
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (boolean said = false; !mayWork(); said = true) {
            if (!said) {
                LOG.atWarn().log("{}; waiting until that is done", sentence());
            }
            if (System.nanoTime() > deadline) {
                throw new Failure(
                        sentence()
                                + " since more than %d s (expected: `./switchboard migrate partitions` runs, or is run again)"
                                        .formatted(PATIENCE.toSeconds()));
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private synchronized boolean mayWork() {
        permitted = !isStopped();
        return permitted;
    }

    private synchronized void onChange() {
        if (permitted && isStopped()) {
            permitted = false;
            fatal.accept(
                    new Failure(
                            sentence() + ": this process ends; the next waits until it is done"));
        }
    }

    private boolean isStopped() {
        var now = layout.underWay();
        return now != null && now.step() == Step.STOP;
    }

    private String sentence() {
        var now = layout.underWay();
        return now == null
                ? "the lanes grow"
                : "the lanes of '%s' grow from %d to %d"
                        .formatted(now.topic(), now.from(), now.to());
    }
}
