package io.switchboard.runtime;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The apps file, read again when it, or a key file that it names, has changed.
///
/// A file that became unusable is logged once and the last good one stays.
///
/// Thread-safe.
public final class AppsFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AppsFile.class);

    private final Path file;
    private final List<Consumer<Apps>> listeners = new CopyOnWriteArrayList<>();
    private final FileWatch watch = new FileWatch("The apps file", this::look);
    private volatile AppsReader.Read good;

    private AppsFile(Path file, AppsReader.Read first) {
        this.file = file;
        this.good = first;
    }

    /// @throws Unusable naming the file, the path in it and what was expected
    public static AppsFile open(Path file) {
        var opened = new AppsFile(file, AppsReader.read(file));
        opened.watch.start();
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
        watch.close();
    }

    /// One look at the files.
    void check() {
        watch.check();
    }

    private void look() {
        if (good.isCurrent()) {
            return;
        }
        good = AppsReader.read(file);
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
