package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.LaneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The consumer group: how soon it notices that a dispatcher died, and what it has committed.
///
/// Thread-safe.
final class Group {
    private static final Logger LOG = LoggerFactory.getLogger(Group.class);
    private static final int SESSION_MILLIS = 3_000;
    private static final int HEARTBEAT_MILLIS = 500;
    private static final int CLASSIC_SESSION_MILLIS = 6_000;
    private static final int CLASSIC_HEARTBEAT_MILLIS = 1_500;
    private static final long WAIT_SECONDS = 30;

    private final Admin admin;
    private final String group;
    private final String topic;

    Group(Admin admin, String group, String topic) {
        this.admin = admin;
        this.group = group;
        this.topic = topic;
    }

    /// The consumer's side of it, beside the defaults of every consumer of ours.
    static Map<String, Object> consumer(DispatcherSettings settings) {
        return switch (settings.groupProtocol()) {
            case CONSUMER ->
                    Map.of(
                            ConsumerConfig.GROUP_ID_CONFIG,
                            settings.group(),
                            ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                            "consumer");
            case CLASSIC ->
                    Map.of(
                            ConsumerConfig.GROUP_ID_CONFIG,
                            settings.group(),
                            ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                            "classic",
                            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                            CLASSIC_SESSION_MILLIS,
                            ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                            CLASSIC_HEARTBEAT_MILLIS,
                            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                            List.of(CooperativeStickyAssignor.class.getName()));
        };
    }

    /// Asks the broker for a short session. A refusal is not fatal: a takeover only takes longer.
    void askForShortSession() {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        var wanted =
                List.of(
                        set("consumer.session.timeout.ms", SESSION_MILLIS),
                        set("consumer.heartbeat.interval.ms", HEARTBEAT_MILLIS));
        try {
            admin.incrementalAlterConfigs(Map.of(resource, wanted))
                    .all()
                    .get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            LOG.atWarn()
                    .log(
                            "The broker refuses a session of {} s for group '{}' ({}): takeover after a crash takes its default, 45 s unless changed. Set group.consumer.min.session.timeout.ms={} and group.consumer.min.heartbeat.interval.ms={} on the brokers, or use --group-protocol classic",
                            SESSION_MILLIS / 1000,
                            group,
                            e.getCause() == null ? e.getMessage() : e.getCause().getMessage(),
                            SESSION_MILLIS,
                            HEARTBEAT_MILLIS);
        } catch (TimeoutException e) {
            throw new Failure("Kafka did not answer within %d s".formatted(WAIT_SECONDS), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while asking for group settings", e);
        }
    }

    private static AlterConfigOp set(String name, int value) {
        return new AlterConfigOp(
                new ConfigEntry(name, Integer.toString(value)), AlterConfigOp.OpType.SET);
    }

    CompletionStage<Ports.@Nullable Committed> committed(LaneId lane) {
        var at = new TopicPartition(topic, lane.partition());
        var spec = new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(at));
        return KafkaReader.stage(
                        admin.listConsumerGroupOffsets(Map.of(group, spec))
                                .partitionsToOffsetAndMetadata(group))
                .thenApply(
                        offsets -> {
                            var found = offsets.get(at);
                            return found == null
                                    ? null
                                    : new Ports.Committed(found.offset(), found.metadata());
                        });
    }
}
