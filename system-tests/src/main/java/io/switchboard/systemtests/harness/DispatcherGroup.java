package io.switchboard.systemtests.harness;

import io.switchboard.dispatcher.DispatcherSettings;
import io.switchboard.runtime.EventsTopic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The dispatchers' consumer group, as the tools of Kafka see it.
///
/// Thread-safe.
public final class DispatcherGroup implements AutoCloseable {
    public static final String NAME = DispatcherSettings.DEFAULT_GROUP;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final Admin admin;
    private final EventsTopic topic;

    private DispatcherGroup(Admin admin, EventsTopic topic) {
        this.admin = admin;
        this.topic = topic;
    }

    static DispatcherGroup of(SwitchboardSystem system) {
        return new DispatcherGroup(
                Admin.create(system.kafkaSettings("system-tests-group")), system.topic());
    }

    /// Nobody may move the offsets of a group that has members.
    void awaitEmpty() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!members().isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "group %s has members after %s: %s".formatted(NAME, PATIENCE, members()));
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    private List<String> members() {
        return get(admin.describeConsumerGroups(List.of(NAME)).all()).values().stream()
                .flatMap(group -> group.members().stream())
                .map(member -> member.clientId())
                .toList();
    }

    /// Null when the lane has none.
    public @Nullable OffsetAndMetadata committed(int partition) {
        return get(admin.listConsumerGroupOffsets(NAME).partitionsToOffsetAndMetadata())
                .get(partition(partition));
    }

    /// What `kafka-consumer-groups --reset-offsets` asks of Kafka.
    public void resetTo(int partition, long offset) {
        var _ =
                get(
                        admin.alterConsumerGroupOffsets(
                                        NAME,
                                        Map.of(partition(partition), new OffsetAndMetadata(offset)))
                                .all());
    }

    private TopicPartition partition(int partition) {
        return new TopicPartition(topic.name(), partition);
    }

    private static <T> T get(KafkaFuture<T> asked) {
        try {
            return asked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Kafka did not do it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Kafka", e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }
}
