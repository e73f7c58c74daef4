package io.switchboard.runtime;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at files once a second. What has become unusable is logged once, and stays as it was.
///
/// Whoever looks compares content, not timestamps: a mounted ConfigMap swaps links, and two writes
/// may share a timestamp.
///
/// Thread-safe.
final class FileWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final String what;
    private final Runnable look;
    private final Thread thread;
    private @Nullable String lastTrouble;

    /// @param what is watched, as a line of the log begins
    /// @param look one look at the files; throws [Unusable] when they cannot be used
    FileWatch(String what, Runnable look) {
        this.what = what;
        this.look = look;
        this.thread = Thread.ofVirtual().name(what).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(PERIOD);
                check();
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    synchronized void check() {
        try {
            look.run();
            lastTrouble = null;
        } catch (Unusable e) {
            if (!Objects.equals(e.getMessage(), lastTrouble)) {
                lastTrouble = e.getMessage();
                LOG.atWarn().log("{} stays as it was: {}", what, e.getMessage());
            }
        }
    }
}
