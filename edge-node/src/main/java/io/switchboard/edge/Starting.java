package io.switchboard.edge;

import io.switchboard.inbox.InboxAway;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.runtime.Health;
import io.switchboard.runtime.Unusable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A start that may take long: it waits for a Redis that is away, since this process could do
/// nothing better, and says so on `/ready`.
///
/// Thread-safe.
final class Starting {
    private static final Logger LOG = LoggerFactory.getLogger(Starting.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private volatile @Nullable String reason = "it is starting";

    Health.State state() {
        var now = reason;
        return now == null ? Health.State.ok() : Health.State.failing(now);
    }

    /// @throws Unusable when a URL is none
    RedisInbox awaitRedis(List<String> urls) throws InterruptedException {
        while (true) {
            try {
                return RedisInbox.connect(urls);
            } catch (IllegalArgumentException e) {
                throw new Unusable("--redis: " + e.getMessage());
            } catch (InboxAway e) {
                reason = e.getMessage();
                LOG.atWarn().log("{}; trying again", e.getMessage());
                // Full jitter, since all edge nodes wait for the same Redis.
                long pause = ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toMillis()) + 1;
                Thread.sleep(pause);
            }
        }
    }

    void done() {
        reason = null;
    }
}
