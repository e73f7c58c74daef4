package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// The lane count is a stored fact: addresses are laid out by it. With another one, events would
/// go into inboxes where nobody looks. Compared at the start, and now and then, since Redis may
/// have been emptied and filled by others.
///
/// Confined to the poll loop, but [#check].
final class LaneCount {
    private static final Duration PERIOD = Duration.ofSeconds(30);
    private static final long WAIT_SECONDS = 30;

    private final Leases leases;
    private final EventsTopic topic;
    private final Ports.Door door;
    private final InstantSource clock;
    private final Consumer<Throwable> fatal;
    private Instant next;

    LaneCount(
            Leases leases,
            EventsTopic topic,
            Ports.Door door,
            InstantSource clock,
            Consumer<Throwable> fatal) {
        this.leases = leases;
        this.topic = topic;
        this.door = door;
        this.clock = clock;
        this.fatal = fatal;
        this.next = clock.instant().plus(PERIOD);
    }

    /// Waits for Redis.
    ///
    /// @throws Failure when it differs
    static void check(Leases leases, EventsTopic topic) {
        try {
            compare(
                    topic,
                    leases.laneCount(topic.tag(), topic.partitions())
                            .toCompletableFuture()
                            .get(WAIT_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
            throw new Failure("Redis did not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while asking for the lane count", e);
        }
    }

    void tick() {
        var now = clock.instant();
        if (now.isBefore(next)) {
            return;
        }
        next = now.plus(PERIOD);
        leases.laneCount(topic.tag(), topic.partitions())
                .whenComplete(
                        (stored, thrown) -> {
                            if (thrown == null) {
                                door.enter(() -> judge(stored));
                            }
                        });
    }

    private void judge(int stored) {
        try {
            compare(topic, stored);
        } catch (Failure e) {
            fatal.accept(e);
        }
    }

    private static void compare(EventsTopic topic, int stored) {
        if (stored != topic.partitions()) {
            throw new Failure(
                    "topic '%s' has %d partitions, but its inboxes were laid out for %d lanes (expected: the same; `./switchboard migrate` moves to another count)"
                            .formatted(topic.name(), topic.partitions(), stored));
        }
    }
}
