package io.switchboard.runtime;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The apps file, read again when it, or a key file that it names, has changed.
///
/// Content is compared, not timestamps: a mounted ConfigMap swaps links, and two writes may share
/// a timestamp. A file that became unusable is logged once and the last good one stays.
///
/// Thread-safe.
public final class AppsFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AppsFile.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final Path file;
    private final List<Consumer<Apps>> listeners = new CopyOnWriteArrayList<>();
    private final Thread watcher;
    private volatile AppsReader.Read good;
    private @Nullable String lastTrouble;

    private AppsFile(Path file, AppsReader.Read first) {
        this.file = file;
        this.good = first;
        this.watcher = Thread.ofVirtual().name("apps-file").unstarted(this::watch);
    }

    /// @throws Unusable naming the file, the path in it and what was expected
    public static AppsFile open(Path file) {
        var opened = new AppsFile(file, AppsReader.read(file));
        opened.watcher.start();
        return opened;
    }

    public Apps current() {
        return good.apps();
    }

    /// @param listener is called on the watching thread, with each new state; not with the first
    public void onChange(Consumer<Apps> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        watcher.interrupt();
    }

    private void watch() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(PERIOD);
                check();
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    /// One look at the files.
    synchronized void check() {
        try {
            if (good.isCurrent()) {
                lastTrouble = null;
                return;
            }
            good = AppsReader.read(file);
            lastTrouble = null;
        } catch (Unusable e) {
            if (!Objects.equals(e.getMessage(), lastTrouble)) {
                lastTrouble = e.getMessage();
                LOG.atWarn().log("The apps file stays as it was: {}", e.getMessage());
            }
            return;
        }
        LOG.atInfo()
                .addKeyValue("apps", good.apps().apps().size())
                .addKeyValue("routes", good.apps().routes().size())
                .log("The apps file was read again");
        listeners.forEach(each -> tell(each, good.apps()));
    }

    private static void tell(Consumer<Apps> listener, Apps apps) {
        try {
            listener.accept(apps);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("A listener of the apps file failed");
        }
    }
}
