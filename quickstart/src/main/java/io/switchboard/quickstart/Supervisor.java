package io.switchboard.quickstart;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Starts again what ended by itself: at once when it had run for a while, more and more slowly
/// when it does not stay up.
///
/// Thread-safe.
final class Supervisor {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration A_WHILE = Duration.ofMinutes(1);

    private final Consumer<String> say;
    private volatile boolean stopping;

    /// @param say told, in a sentence, what ended and what came back
    Supervisor(Consumer<String> say) {
        this.say = say;
    }

    void watch(List<Part> parts) {
        for (var part : parts) {
            Thread.ofVirtual().name("supervisor of " + part.name()).start(() -> keep(part));
        }
    }

    /// From now on, what ends has been stopped.
    void stop() {
        stopping = true;
    }

    private void keep(Part part) {
        var pause = FIRST_PAUSE;
        while (true) {
            var since = System.nanoTime();
            var code = part.process().onExit().join();
            if (stopping) {
                return;
            }
            pause =
                    System.nanoTime() - since > A_WHILE.toNanos()
                            ? FIRST_PAUSE
                            : min(pause.multipliedBy(2), LONGEST_PAUSE);
            say.accept(
                    "%s ended with exit code %d: starting it again (its log: %s)"
                            .formatted(part.name(), code, part.process().log()));
            startAgain(part, pause);
        }
    }

    private void startAgain(Part part, Duration pause) {
        try {
            part.process().restart();
            part.awaitReady().run();
            say.accept(part.name() + " is back");
        } catch (ProcessFailed failed) {
            if (!stopping) {
                say.accept(String.valueOf(failed.getMessage()));
                sleep(pause);
            }
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
