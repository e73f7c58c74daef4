package io.switchboard.runtime;

import io.switchboard.schemas.ControlCommand;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The apps file with the apps that an operator has blocked: blocked they are, whatever the file
/// says of them.
///
/// Thread-safe.
public final class BlockedApps implements Supplier<Apps>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BlockedApps.class);
    private static final String BLOCK = "block:";

    /// A process begins without knowing who is blocked, rather than not at all.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Supplier<Apps> file;
    private final Set<String> blocked = ConcurrentHashMap.newKeySet();
    private final ControlFeed feed;

    private BlockedApps(Supplier<Apps> file, Map<String, Object> consumer) {
        this.file = file;
        this.feed = new ControlFeed(consumer, this::onCommand);
    }

    /// Returns when it is known who is blocked, or after a few seconds.
    ///
    /// @param consumer settings of a Kafka consumer
    public static BlockedApps over(Supplier<Apps> file, Map<String, Object> consumer)
            throws InterruptedException {
        var apps = new BlockedApps(file, consumer);
        if (!apps.feed.start().awaitCaughtUp(PATIENCE)) {
            LOG.atWarn().log("Who is blocked is not known yet: the control topic was not read");
        }
        return apps;
    }

    @Override
    public Apps get() {
        return blocked.isEmpty() ? file.get() : without(file.get(), blocked);
    }

    static Apps without(Apps apps, Set<String> blocked) {
        var changed = new HashMap<>(apps.apps());
        changed.replaceAll((name, app) -> blocked.contains(name) ? blocked(app) : app);
        return new Apps(Map.copyOf(changed), apps.routes());
    }

    private static Apps.App blocked(Apps.App app) {
        return new Apps.App(
                app.name(),
                app.status() == Apps.Status.DELETED ? Apps.Status.DELETED : Apps.Status.BLOCKED,
                app.roles(),
                app.tokenSha256(),
                app.agentTokens(),
                app.jwt(),
                app.origins());
    }

    private void onCommand(ControlCommand.Read read) {
        if (!read.key().startsWith(BLOCK)) {
            return;
        }
        var app = read.key().substring(BLOCK.length());
        if (read.command() == null ? blocked.remove(app) : blocked.add(app)) {
            LOG.atInfo()
                    .addKeyValue("app", app)
                    .log(read.command() == null ? "No longer blocked" : "Blocked by an operator");
        }
    }

    @Override
    public void close() {
        feed.close();
    }
}
