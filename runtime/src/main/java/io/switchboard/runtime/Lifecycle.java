package io.switchboard.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The life of a process: what was opened is closed in reverse, on SIGTERM, SIGINT, [#stop] or
/// [#fatal]. An orderly stop ends with code 0, also by a signal (which would be 143 otherwise).
///
/// Thread-safe.
public final class Lifecycle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

    /// Supervisors kill after 30 s (Kubernetes); we would rather end by ourselves, and say so.
    public static final Duration GRACE = Duration.ofSeconds(25);

    private static final Duration ADMIN = Duration.ofSeconds(2);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("stop").unstarted(this::onShutdown);
    private final Duration grace;
    private volatile int code = Cli.DONE;

    public Lifecycle() {
        this(GRACE);
    }

    /// @param grace after a signal: what is not closed by then is left as it is
    public Lifecycle(Duration grace) {
        this.grace = grace;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// Remembers to close it.
    public <T extends AutoCloseable> T open(T resource) {
        synchronized (opened) {
            opened.push(resource);
        }
        return resource;
    }

    /// Asks for an orderly stop; [#awaitStop] returns.
    public void stop() {
        stop.countDown();
    }

    /// Waits until somebody asks for the stop.
    public void awaitStop() throws InterruptedException {
        stop.await();
    }

    /// Something that must not happen did: log, stop, and end with code 1, so that the supervisor
    /// starts a fresh process. Returns at once; callable from any thread.
    public void fatal(Throwable thrown) {
        LOG.atError().setCause(thrown).log("Fatal: this process stops");
        code = Cli.FAILED;
        Thread.ofPlatform().daemon().name("fatal").start(() -> System.exit(Cli.FAILED));
    }

    /// Closes everything, the last first; one that fails does not keep the others from closing.
    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The JVM is going down already: the hook closes.
            return;
        }
        closeAll();
    }

    private void onShutdown() {
        Thread.ofPlatform()
                .daemon()
                .name("stop-grace")
                .start(
                        () -> {
                            try {
                                Thread.sleep(grace);
                            } catch (InterruptedException _) {
                                return;
                            }
                            LOG.atError()
                                    .log(
                                            "Not stopped within {} s: ending as is",
                                            grace.toSeconds());
                            Runtime.getRuntime().halt(Cli.FAILED);
                        });
        stop();
        closeAll();
        Runtime.getRuntime().halt(code);
    }

    private static void close(AutoCloseable resource) throws Exception {
        if (resource instanceof Admin admin) {
            // By itself it would wait for calls that a Kafka which is away does not answer.
            admin.close(ADMIN);
        } else {
            resource.close();
        }
    }

    private void closeAll() {
        synchronized (opened) {
            while (!opened.isEmpty()) {
                var resource = opened.pop();
                try {
                    close(resource);
                } catch (Exception e) {
                    LOG.atWarn()
                            .setCause(e)
                            .log("{} did not close", resource.getClass().getSimpleName());
                }
            }
        }
    }
}
