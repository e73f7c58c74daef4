package io.switchboard.operator;

import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/// What a Kafka must be for us, judged from what it says of itself. No I/O.
final class KafkaCheckup {
    /// What dispatchers ask of the group, so that a lane is taken over within four seconds.
    private static final long SESSION_MS = 3_000;

    private static final long HEARTBEAT_MS = 500;
    private static final long CLASSIC_SESSION_MS = 6_000;

    /// A hung transaction must not hold a lane for longer.
    private static final long TRANSACTION_MS = 10_000;

    /// `deliver_at` may be so far ahead.
    private static final Duration LONGEST_DELAY = Duration.ofHours(24);

    /// To notice and mend before events are lost.
    private static final Duration TO_NOTICE = Duration.ofDays(1);

    private KafkaCheckup() {}

    /// @param config by name; a name that is missing is not known to this broker
    static List<Finding> broker(Map<String, String> config) {
        var findings = new ArrayList<Finding>();
        var protocols = config.getOrDefault("group.coordinator.rebalance.protocols", "");
        if (!protocols.isEmpty() && !protocols.contains("consumer")) {
            findings.add(
                    Finding.warn(
                            "broker: groups",
                            "group.coordinator.rebalance.protocols: %s (expected: consumer among them; otherwise dispatchers need --group-protocol classic)"
                                    .formatted(protocols)));
        }
        atMost(config, "group.consumer.min.session.timeout.ms", SESSION_MS, takeover(), findings);
        atMost(
                config,
                "group.consumer.min.heartbeat.interval.ms",
                HEARTBEAT_MS,
                takeover(),
                findings);
        atMost(
                config,
                "group.min.session.timeout.ms",
                CLASSIC_SESSION_MS,
                "dispatchers with --group-protocol classic cannot join otherwise",
                findings);
        atMost(
                config,
                "transaction.max.timeout.ms",
                TRANSACTION_MS,
                "a producer's hung transaction holds its lane for so long",
                findings);
        if (findings.isEmpty()) {
            findings.add(
                    Finding.ok("broker", "group and transaction limits are as they should be"));
        }
        return findings;
    }

    private static String takeover() {
        return "otherwise a dead dispatcher's lanes wait longer, or use --group-protocol classic";
    }

    private static void atMost(
            Map<String, String> config,
            String name,
            long most,
            String why,
            List<Finding> findings) {
        var value = number(config.get(name));
        if (value != null && value > most) {
            findings.add(
                    Finding.warn(
                            "broker: limits",
                            "%s: %d (expected: ≤ %d; %s)".formatted(name, value, most, why)));
        }
    }

    /// @param topics partitions and configuration of those that exist
    /// @param longestTtl of any route
    static List<Finding> topics(
            String eventsTopic, Map<String, Topic> topics, Duration longestTtl) {
        var findings = new ArrayList<Finding>();
        for (var name :
                List.of(
                        eventsTopic,
                        Topics.RECEIPTS,
                        Topics.DEAD_LETTERS,
                        Topics.ACKS,
                        Topics.UPSTREAM,
                        Topics.CONTROL,
                        Topics.PRESENCE)) {
            if (!topics.containsKey(name)) {
                findings.add(
                        Finding.fail(
                                "topic",
                                "'%s' does not exist (expected: `./switchboard topics create`)"
                                        .formatted(name)));
            }
        }
        var events = topics.get(eventsTopic);
        if (events != null) {
            events(eventsTopic, events, longestTtl, findings);
            var acks = topics.get(Topics.ACKS);
            if (acks != null && acks.partitions() != events.partitions()) {
                findings.add(
                        Finding.fail(
                                "topic",
                                "'%s' has %d partitions (expected: %d, as '%s')"
                                        .formatted(
                                                Topics.ACKS,
                                                acks.partitions(),
                                                events.partitions(),
                                                eventsTopic)));
            }
        }
        for (var name : List.of(Topics.ACKS, Topics.CONTROL, Topics.PRESENCE)) {
            var topic = topics.get(name);
            var policy =
                    topic == null ? null : topic.config().get(TopicConfig.CLEANUP_POLICY_CONFIG);
            if (policy != null && !policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
                findings.add(
                        Finding.fail(
                                "topic",
                                "'%s': cleanup.policy: %s (expected: compact; it would forget)"
                                        .formatted(name, policy)));
            }
        }
        if (findings.isEmpty() && events != null) {
            findings.add(
                    Finding.ok(
                            "topics",
                            "all there; '%s' has %d lanes"
                                    .formatted(eventsTopic, events.partitions())));
        }
        return findings;
    }

    /// @param authorized what the asking client may do; null: the broker does not say
    record Topic(
            int partitions, Map<String, String> config, @Nullable Set<AclOperation> authorized) {}

    private static void events(
            String name, Topic events, Duration longestTtl, List<Finding> findings) {
        var stamp = events.config().get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG);
        if (stamp != null && !stamp.equals("LogAppendTime")) {
            findings.add(
                    Finding.fail(
                            "topic",
                            "'%s': message.timestamp.type: %s (expected: LogAppendTime; expiry would count by producers' clocks)"
                                    .formatted(name, stamp)));
        }
        var retention = number(events.config().get(TopicConfig.RETENTION_MS_CONFIG));
        var needed = longestTtl.plus(LONGEST_DELAY).plus(TO_NOTICE);
        if (retention != null && retention >= 0 && retention < needed.toMillis()) {
            findings.add(
                    Finding.fail(
                            "topic",
                            "'%s': retention.ms: %d, %s (expected: ≥ %d, %s: the longest ttl %s + 24h of delay + a day)"
                                    .formatted(
                                            name,
                                            retention,
                                            Moments.span(Duration.ofMillis(retention)),
                                            needed.toMillis(),
                                            Moments.span(needed),
                                            Moments.span(longestTtl))));
        }
        var bytes = number(events.config().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG));
        if (bytes != null && bytes < KafkaFlags.MAX_REQUEST_BYTES) {
            findings.add(
                    Finding.warn(
                            "topic",
                            "'%s': max.message.bytes: %d (expected: ≥ %d; large envelopes are refused)"
                                    .formatted(name, bytes, KafkaFlags.MAX_REQUEST_BYTES)));
        }
    }

    /// What all our processes together need; a client that may do less is one of them only.
    static List<Finding> permissions(Map<String, Topic> topics) {
        var findings = new ArrayList<Finding>();
        topics.forEach(
                (name, topic) -> {
                    if (topic.authorized() == null) {
                        return;
                    }
                    for (var needed :
                            List.of(AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE)) {
                        if (!topic.authorized().contains(needed)) {
                            findings.add(
                                    Finding.fail(
                                            "permission",
                                            "%s on topic '%s' is not allowed to this client (docs/security.md says who needs what)"
                                                    .formatted(needed, name)));
                        }
                    }
                });
        if (findings.isEmpty()) {
            findings.add(Finding.ok("permissions", "read and write on every topic"));
        }
        return findings;
    }

    private static @Nullable Long number(@Nullable String text) {
        return text == null || !text.matches("-?\\d{1,18}") ? null : Long.valueOf(text);
    }
}
