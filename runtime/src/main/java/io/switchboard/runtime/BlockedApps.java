package io.switchboard.runtime;

import io.switchboard.schemas.ControlCommand;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
    private final Set<String> blocked = new HashSet<>();
    private final ControlFeed feed;
    private volatile @Nullable Known known;

    /// The file as it was last seen, and what is left of it.
    private record Known(Apps file, Apps apps) {}

    private BlockedApps(
            Supplier<Apps> file, Map<String, Object> consumer, ControlFeed.Listener also) {
        this.file = file;
        this.feed =
                new ControlFeed(
                        consumer,
                        (read, anew) -> {
                            onCommand(read);
                            also.hear(read, anew);
                        });
    }

    /// Returns when it is known who is blocked, or after a few seconds.
    ///
    /// @param consumer settings of a Kafka consumer
    /// @param also hears the same commands
    public static BlockedApps over(
            Supplier<Apps> file, Map<String, Object> consumer, ControlFeed.Listener also)
            throws InterruptedException {
        var apps = new BlockedApps(file, consumer, also);
        if (!apps.feed.start().awaitCaughtUp(PATIENCE)) {
            LOG.atWarn().log("Who is blocked is not known yet: the control topic was not read");
        }
        return apps;
    }

    /// For who must not begin without knowing what was said; false when that takes longer.
    public boolean awaitHeard(Duration patience) throws InterruptedException {
        return feed.awaitCaughtUp(patience);
    }

    @Override
    public Apps get() {
        var now = file.get();
        var last = known;
        return last != null && last.file == now ? last.apps : learn(now);
    }

    private synchronized Apps learn(Apps now) {
        var apps = blocked.isEmpty() ? now : without(now, blocked);
        known = new Known(now, apps);
        return apps;
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
        if (change(app, read.command() != null)) {
            LOG.atInfo()
                    .addKeyValue("app", app)
                    .log(read.command() == null ? "No longer blocked" : "Blocked by an operator");
        }
    }

    private synchronized boolean change(String app, boolean block) {
        known = null;
        return block ? blocked.add(app) : blocked.remove(app);
    }

    @Override
    public void close() {
        feed.close();
    }
}
