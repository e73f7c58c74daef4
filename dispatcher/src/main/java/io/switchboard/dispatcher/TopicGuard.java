package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/// Two facts that this process stands on, compared with the world at the start and while it runs;
/// a process that they no longer hold for ends, and its successor begins with the new ones.
///
/// The lane count is a stored fact, since addresses are laid out by it: with another one events
/// would go into inboxes where nobody looks. And a topic that was deleted and created again has
/// other positions: under the old tag its records would be taken for repetitions.
///
/// [#tick] is confined to the poll loop.
final class TopicGuard {
    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final long WAIT_SECONDS = 30;

    private final Admin admin;
    private final Leases leases;
    private final EventsTopic topic;
    private final Ports.Door door;
    private final InstantSource clock;
    private final Consumer<Throwable> fatal;
    private Instant next;

    TopicGuard(
            Admin admin,
            Leases leases,
            EventsTopic topic,
            Ports.Door door,
            InstantSource clock,
            Consumer<Throwable> fatal) {
        this.admin = admin;
        this.leases = leases;
        this.topic = topic;
        this.door = door;
        this.clock = clock;
        this.fatal = fatal;
        this.next = clock.instant().plus(PERIOD);
    }

    /// Waits for Redis.
    ///
    /// @throws Failure when the lane count differs
    static void checkLaneCount(Leases leases, EventsTopic topic) {
        try {
            compare(
                    topic,
                    leases.laneCount(topic.layout(), topic.partitions())
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
        leases.laneCount(topic.layout(), topic.partitions())
                .thenAccept(stored -> door.enter(() -> judge(stored)));
        // Its own answer ends the process; that Kafka is away is nothing to do with it.
        sameTopic().exceptionally(_ -> null);
    }

    /// Fails, and ends the process, when the topic is another one by now.
    CompletionStage<Void> sameTopic() {
        return KafkaReader.stage(
                        Objects.requireNonNull(
                                admin.describeTopics(List.of(topic.name()))
                                        .topicNameValues()
                                        .get(topic.name())))
                .thenCompose(this::compare);
    }

    private CompletionStage<Void> compare(TopicDescription found) {
        var tag = LaneId.tagOf(found.topicId());
        if (tag.equals(topic.tag()) && found.partitions().size() == topic.partitions()) {
            return CompletableFuture.completedFuture(null);
        }
        var failure =
                new Failure(
                        "topic '%s' is another one by now: tag %s with %d partitions (expected: %s with %d); a restart begins with it"
                                .formatted(
                                        topic.name(),
                                        tag,
                                        found.partitions().size(),
                                        topic.tag(),
                                        topic.partitions()));
        fatal.accept(failure);
        return CompletableFuture.failedFuture(failure);
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
                    "topic '%s' has %d partitions, but its inboxes were laid out for %d lanes (expected: the same; `./switchboard migrate partitions` is the way to more)"
                            .formatted(topic.name(), topic.partitions(), stored));
        }
    }
}
