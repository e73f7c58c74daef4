package io.switchboard.producer;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.Health;
import io.switchboard.runtime.LaneLayout;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The events topic, asked for again every few seconds: a topic that was deleted and created again
/// has other ids, and Kafka that does not answer makes the process unready.
///
/// Thread-safe.
final class LiveTopic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveTopic.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final Duration STALE = Duration.ofSeconds(15);

    private final Supplier<EventsTopic> resolve;
    private final LaneLayout layout;
    private final InstantSource clock;
    private final Duration period;
    private final Thread refresher;
    private volatile EventsTopic current;
    private volatile Instant seen;

    /// Confined to the refreshing thread.
    private boolean away;

    /// @param resolve asks Kafka; waits, for a bounded time
    /// @param layout knows at once how many of its partitions are in use
    LiveTopic(
            EventsTopic first,
            Supplier<EventsTopic> resolve,
            LaneLayout layout,
            InstantSource clock) {
        this(first, resolve, layout, clock, PERIOD);
    }

    LiveTopic(
            EventsTopic first,
            Supplier<EventsTopic> resolve,
            LaneLayout layout,
            InstantSource clock,
            Duration period) {
        this.layout = layout;
        this.period = period;
        this.resolve = resolve;
        this.clock = clock;
        this.current = first;
        this.seen = clock.instant();
        this.refresher = Thread.ofVirtual().name("events-topic").start(this::refresh);
    }

    EventsTopic current() {
        return layout.of(current);
    }

    Health.State health() {
        var since = Duration.between(seen, clock.instant());
        return since.compareTo(STALE) < 0
                ? Health.State.ok()
                : Health.State.failing("no answer for %d s".formatted(since.toSeconds()));
    }

    @Override
    public void close() {
        refresher.interrupt();
    }

    private void refresh() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(period);
                look();
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private void look() {
        try {
            var now = resolve.get();
            if (!now.equals(current)) {
                LOG.atWarn().log("The events topic was {} and is {}", current, now);
            } else if (away) {
                LOG.atInfo().log("The events topic can be seen again");
            }
            current = now;
            seen = clock.instant();
            away = false;
        } catch (Failure e) {
            if (!away && !Thread.currentThread().isInterrupted()) {
                LOG.atWarn().log("The events topic cannot be seen: {}", e.getMessage());
            }
            away = true;
        }
    }
}
