package io.switchboard.runtime;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Growth;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// The events topic of this cluster, as it is now: which life of it, and how many lanes.
///
/// Immutable.
///
/// @param tag start of Kafka's topic id
/// @param grown how it came to have so many, the oldest growth first
public record EventsTopic(String name, String tag, int partitions, List<Growth> grown) {
    private static final Duration WAIT = Duration.ofSeconds(30);

    public EventsTopic {
        grown = List.copyOf(grown);
    }

    /// One that has as many lanes as ever.
    public EventsTopic(String name, String tag, int partitions) {
        this(name, tag, partitions, List.of());
    }

    /// For a start: waits as long as a broker may need that was started just now.
    ///
    /// @throws Failure when there is no such topic, or Kafka does not answer
    public static EventsTopic resolve(Admin admin, String name) {
        return resolve(admin, name, WAIT);
    }

    /// @throws Failure when there is no such topic, or Kafka does not answer within `wait`
    public static EventsTopic resolve(Admin admin, String name, Duration wait) {
        var topic = describe(admin, name, wait);
        return new EventsTopic(name, LaneId.tagOf(topic.topicId()), topic.partitions().size());
    }

    public LaneId lane(int partition) {
        return new LaneId(tag, partition);
    }

    public LaneId laneOf(Address address) {
        return lane(address.partition(partitions));
    }

    /// Where events for the address may lie, the oldest lane first; the last one is where they are
    /// written now.
    public List<LaneId> lanesOf(Address address, Instant now) {
        var lanes = new LinkedHashSet<LaneId>();
        for (var each : grown) {
            if (each.matters(now)) {
                lanes.add(lane(address.partition(each.from())));
            }
        }
        lanes.remove(laneOf(address));
        lanes.add(laneOf(address));
        return List.copyOf(lanes);
    }

    /// By how many lanes addresses were laid out when that record was written.
    public int lanesAt(int partition, long offset) {
        for (var each : grown) {
            if (partition < each.from() && offset < each.cuts().get(partition)) {
                return each.from();
            }
        }
        return partitions;
    }

    /// Whether this was the address's lane once, and is not any more.
    public boolean wasLaneOf(Address address, int partition) {
        return address.partition(partitions) != partition
                && grown.stream().anyMatch(each -> address.partition(each.from()) == partition);
    }

    /// What the stored lane count is called: each growth has a name of its own, so that a process
    /// that has not heard of it finds another number than it expects.
    public String layout() {
        return grown.isEmpty() ? tag : tag + "/" + grown.getLast().to();
    }

    private static TopicDescription describe(Admin admin, String name, Duration wait) {
        try {
            var asked = admin.describeTopics(List.of(name)).topicNameValues().get(name);
            return Objects.requireNonNull(asked).get(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new Failure(
                        "topic '%s' does not exist (expected: `./switchboard topics create` was run against this Kafka)"
                                .formatted(name),
                        e);
            }
            throw new Failure(
                    "topic '%s' cannot be described: %s".formatted(name, e.getMessage()), e);
        } catch (TimeoutException e) {
            throw new Failure(
                    "topic '%s': Kafka did not answer within %d s"
                            .formatted(name, wait.toSeconds()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while describing topic '%s'".formatted(name), e);
        }
    }
}
