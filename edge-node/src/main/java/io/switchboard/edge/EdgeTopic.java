package io.switchboard.edge;

import io.switchboard.runtime.Failure;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// The topic of one life of this edge node: one partition, and short-lived, since whatever is in
/// it is in an inbox too.
final class EdgeTopic {
    private static final Duration RETENTION = Duration.ofMinutes(10);
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private EdgeTopic() {}

    /// Creates it and finds its end. Only when the end is known does its leader really answer.
    ///
    /// @return the offset from which to read
    /// @throws Failure when Kafka does not do it
    static long create(Admin admin, EdgeRef edge) {
        var name = Topics.edge(edge);
        var topic =
                new NewTopic(name, Optional.of(1), Optional.empty())
                        .configs(
                                Map.of(
                                        TopicConfig.RETENTION_MS_CONFIG,
                                        String.valueOf(RETENTION.toMillis()),
                                        TopicConfig.SEGMENT_MS_CONFIG,
                                        String.valueOf(RETENTION.toMillis()),
                                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                        String.valueOf(KafkaFlags.MAX_REQUEST_BYTES)));
        try {
            admin.createTopics(List.of(topic)).all().get(WAIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new Failure(
                        "topic '%s' cannot be created: %s".formatted(name, e.getMessage()), e);
            }
        } catch (TimeoutException e) {
            throw silent(name, e);
        } catch (InterruptedException e) {
            throw interrupted(name, e);
        }
        return end(admin, name);
    }

    /// Whether Kafka says that it is not there (any more).
    static boolean isMissing(Admin admin, EdgeRef edge) {
        try {
            admin.describeTopics(List.of(Topics.edge(edge)))
                    .allTopicNames()
                    .get(WAIT.toSeconds(), TimeUnit.SECONDS);
            return false;
        } catch (ExecutionException e) {
            return e.getCause() instanceof UnknownTopicOrPartitionException;
        } catch (TimeoutException _) {
            return false;
        } catch (InterruptedException e) {
            throw interrupted(Topics.edge(edge), e);
        }
    }

    /// Best effort: what stays behind, the janitor removes.
    static void delete(Admin admin, EdgeRef edge) {
        admin.deleteTopics(List.of(Topics.edge(edge)));
    }

    private static long end(Admin admin, String name) {
        var partition = new TopicPartition(name, 0);
        long deadline = System.nanoTime() + WAIT.toNanos();
        while (true) {
            try {
                return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                        .partitionResult(partition)
                        .get(WAIT.toSeconds(), TimeUnit.SECONDS)
                        .offset();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadline) {
                    throw new Failure(
                            "topic '%s': its end is not known: %s".formatted(name, e.getMessage()),
                            e);
                }
                pause(name);
            } catch (TimeoutException e) {
                throw silent(name, e);
            } catch (InterruptedException e) {
                throw interrupted(name, e);
            }
        }
    }

    private static void pause(String name) {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            throw interrupted(name, e);
        }
    }

    private static Failure silent(String name, TimeoutException e) {
        return new Failure(
                "topic '%s': Kafka did not answer within %d s".formatted(name, WAIT.toSeconds()),
                e);
    }

    private static Failure interrupted(String name, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failure("interrupted while preparing topic '%s'".formatted(name), e);
    }
}
