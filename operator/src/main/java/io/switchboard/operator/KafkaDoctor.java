package io.switchboard.operator;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/// Tries a Kafka.
///
/// *Used by one thread.*
final class KafkaDoctor {
    private static final Duration DEFAULT_TTL = Duration.ofDays(3);

    private final KafkaLink kafka;
    private final @Nullable Apps apps;
    private @Nullable EventsTopic topic;

    KafkaDoctor(KafkaLink kafka, @Nullable Apps apps) {
        this.kafka = kafka;
        this.apps = apps;
    }

    /// Null until it was found.
    @Nullable EventsTopic topic() {
        return topic;
    }

    List<Finding> look() {
        var findings = new ArrayList<Finding>();
        try {
            var nodes = kafka.get(kafka.admin().describeCluster().nodes(), "its nodes");
            findings.add(
                    Finding.ok("Kafka", "%d brokers at %s".formatted(nodes.size(), kafka.where())));
            findings.addAll(KafkaCheckup.broker(brokerConfig(nodes.iterator().next().idString())));
            var topics = topics();
            findings.addAll(KafkaCheckup.topics(kafka.eventsTopicName(), topics, longestTtl()));
            findings.addAll(KafkaCheckup.permissions(topics));
            findings.addAll(tryAnEdgeTopic());
        } catch (Failure e) {
            findings.add(Finding.fail("Kafka", String.valueOf(e.getMessage())));
        }
        return findings;
    }

    private Duration longestTtl() {
        return apps == null
                ? DEFAULT_TTL
                : apps.routes().values().stream()
                        .map(Apps.Route::ttl)
                        .max(Duration::compareTo)
                        .orElse(DEFAULT_TTL);
    }

    private Map<String, String> brokerConfig(String broker) {
        return configs(List.of(new ConfigResource(ConfigResource.Type.BROKER, broker)))
                .values()
                .iterator()
                .next();
    }

    private Map<String, KafkaCheckup.Topic> topics() {
        var names =
                List.of(
                        kafka.eventsTopicName(),
                        Topics.RECEIPTS,
                        Topics.DEAD_LETTERS,
                        Topics.ACKS,
                        Topics.UPSTREAM,
                        Topics.CONTROL,
                        Topics.PRESENCE);
        var asked =
                kafka.admin()
                        .describeTopics(
                                names,
                                new DescribeTopicsOptions().includeAuthorizedOperations(true))
                        .topicNameValues();
        var found = new HashMap<String, TopicDescription>();
        for (var name : names) {
            try {
                found.put(
                        name,
                        kafka.get(
                                Objects.requireNonNull(asked.get(name)),
                                "topic '%s'".formatted(name)));
            } catch (Failure e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        var events = found.get(kafka.eventsTopicName());
        if (events != null) {
            topic =
                    new EventsTopic(
                            events.name(),
                            LaneId.tagOf(events.topicId()),
                            events.partitions().size());
        }
        var configs =
                configs(
                        found.keySet().stream()
                                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                                .toList());
        var topics = new HashMap<String, KafkaCheckup.Topic>();
        found.forEach(
                (name, each) ->
                        topics.put(
                                name,
                                new KafkaCheckup.Topic(
                                        each.partitions().size(),
                                        configs.getOrDefault(name, Map.of()),
                                        each.authorizedOperations())));
        return topics;
    }

    private Map<String, Map<String, String>> configs(Collection<ConfigResource> resources) {
        var configs = new HashMap<String, Map<String, String>>();
        kafka.get(kafka.admin().describeConfigs(resources).all(), "settings")
                .forEach((resource, config) -> configs.put(resource.name(), values(config)));
        return configs;
    }

    private static Map<String, String> values(Config config) {
        var values = new HashMap<String, String>();
        config.entries().forEach(each -> values.put(each.name(), each.value()));
        return values;
    }

    /// Creates, writes and deletes a topic as an edge node does; the broker's stamp on the record
    /// is its clock.
    private List<Finding> tryAnEdgeTopic() {
        var name = Topics.edge(new EdgeRef("doctor-" + Long.toHexString(System.nanoTime()), 0));
        var created =
                new NewTopic(name, Optional.of(1), Optional.empty())
                        .configs(
                                Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"));
        try {
            kafka.get(kafka.admin().createTopics(List.of(created)).all(), "creating an edge topic");
        } catch (Failure e) {
            return List.of(Finding.fail("edge topics", String.valueOf(e.getMessage())));
        }
        try {
            var before = Instant.now();
            var written = stamp(name);
            var said = Instant.ofEpochMilli(written.timestamp());
            return List.of(
                    Finding.ok("edge topics", "one was created, written and deleted"),
                    Clocks.compare("the broker's clock", before, said, Instant.now()));
        } finally {
            kafka.get(kafka.admin().deleteTopics(List.of(name)).all(), "deleting an edge topic");
        }
    }

    private RecordMetadata stamp(String name) {
        var sent = kafka.sendAsync(new ProducerRecord<>(name, new byte[0], new byte[0]));
        return Objects.requireNonNull(kafka.get(sent, "a record of an edge topic"));
    }
}
