package io.switchboard.producer;

import io.switchboard.inbox.InboxAway;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.runtime.AdminClient;
import io.switchboard.runtime.EventsTopic;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way to Redis, for a process that takes events without it as well: it is looked for in the
/// background, until it is found.
///
/// Thread-safe.
final class InboxLink implements Supplier<Inboxes>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InboxLink.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private final List<String> urls;
    private final Supplier<EventsTopic> topic;
    private final AdminClient edges;
    private final Thread seeker = Thread.ofVirtual().name("redis").unstarted(this::seek);
    private volatile @Nullable RedisInbox redis;
    private volatile @Nullable Inboxes found;

    InboxLink(List<String> urls, Supplier<EventsTopic> topic, AdminClient edges) {
        this.edges = edges;
        this.urls = urls;
        this.topic = topic;
        seeker.start();
    }

    /// @throws InboxAway while it was never found
    @Override
    public Inboxes get() {
        var inboxes = found;
        if (inboxes == null) {
            throw new InboxAway(
                    "Redis was not reached yet", new IllegalStateException("not connected"));
        }
        return inboxes;
    }

    private void seek() {
        while (found == null && !Thread.currentThread().isInterrupted()) {
            try {
                var connected = RedisInbox.connect(urls);
                redis = connected;
                found = new Inboxes(topic, connected.inspection(), connected.leases(), edges);
            } catch (InboxAway e) {
                LOG.atWarn().log("Redis is not reached yet: {}", e.getMessage());
                try {
                    Thread.sleep(LOOK_AGAIN);
                } catch (InterruptedException _) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() {
        seeker.interrupt();
        edges.close();
        var connected = redis;
        if (connected != null) {
            connected.close();
        }
    }
}
