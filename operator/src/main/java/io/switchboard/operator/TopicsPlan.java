package io.switchboard.operator;

import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/// Which topics there are, how many partitions each has and how it is configured; creates what is
/// missing and says what differs. (Edge nodes create their own.)
///
/// @param lanes partitions of the events topic, for its whole life
/// @param replication absent: the broker's default
/// @param kept how long events, receipts and what browsers say stay
public record TopicsPlan(
        String eventsTopic, int lanes, Optional<Short> replication, Duration kept) {
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final Duration BETWEEN = Duration.ofMillis(50);

    /// Longer than the longest ttl (72 h by default) and delay (24 h), and a day to notice.
    public static final int DAYS_KEPT = 7;

    private static final Duration LETTERS_KEPT = Duration.ofDays(14);

    /// As [io.switchboard.runtime.KafkaFlags#MAX_REQUEST_BYTES].
    private static final int MAX_MESSAGE_BYTES = 3 * 1024 * 1024;

    /// Replicas that must have a record before it counts, where there are so many.
    private static final int IN_SYNC = 2;

    private static final int REPLICAS_FOR_IN_SYNC = 3;

    /// Topics without an order to keep need fewer.
    private static final int FEW = 8;

    public TopicsPlan {
        if (lanes < 1 || lanes > 10_000) {
            throw new IllegalArgumentException(
                    "lanes: %d (expected: 1 to 10,000)".formatted(lanes));
        }
        if (!kept.isPositive()) {
            throw new IllegalArgumentException("retention-days: none (expected: 1 or more)");
        }
    }

    public TopicsPlan(String eventsTopic, int lanes, Optional<Short> replication) {
        this(eventsTopic, lanes, replication, Duration.ofDays(DAYS_KEPT));
    }

    /// What was done about a topic.
    ///
    /// @param differences in words; empty: as planned
    public record Outcome(
            String topic, int partitions, boolean created, List<String> differences) {}

    private record Planned(String name, int partitions, Map<String, String> config) {}

    /// Returns when every partition has a leader that answers: a producer that came earlier might
    /// be told NOT_LEADER for its first batch, and never get its sequence right again.
    ///
    /// @throws Failure when Kafka refuses or does not answer
    public List<Outcome> apply(Admin admin) {
        var planned = planned();
        var created = create(admin, planned);
        var names = planned.stream().map(Planned::name).toList();
        var descriptions = soon(() -> get(admin.describeTopics(names).allTopicNames(), "topics"));
        var configs = soon(() -> configs(admin, names));
        awaitLeaders(admin, descriptions);
        var outcomes = new ArrayList<Outcome>();
        for (var each : planned) {
            var topic = Objects.requireNonNull(descriptions.get(each.name()));
            var partitions = topic.partitions().size();
            outcomes.add(
                    new Outcome(
                            each.name(),
                            partitions,
                            created.contains(each.name()),
                            differences(
                                    each,
                                    partitions,
                                    configs.getOrDefault(each.name(), Map.of()))));
        }
        return outcomes;
    }

    private List<Planned> planned() {
        var few = Math.min(FEW, lanes);
        return List.of(
                new Planned(
                        eventsTopic,
                        lanes,
                        deleted(kept, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime")),
                new Planned(Topics.RECEIPTS, few, deleted(kept)),
                new Planned(Topics.DEAD_LETTERS, few, deleted(LETTERS_KEPT)),
                new Planned(Topics.ACKS, lanes, compacted()),
                new Planned(Topics.UPSTREAM, few, deleted(kept)),
                new Planned(Topics.CONTROL, 1, compacted()),
                new Planned(Topics.PRESENCE, few, compacted()));
    }

    private Map<String, String> deleted(Duration after, String... more) {
        var config = common(TopicConfig.CLEANUP_POLICY_DELETE);
        config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(after.toMillis()));
        config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_MESSAGE_BYTES));
        for (var i = 0; i < more.length; i += 2) {
            config.put(more[i], more[i + 1]);
        }
        return config;
    }

    private Map<String, String> compacted() {
        return common(TopicConfig.CLEANUP_POLICY_COMPACT);
    }

    private Map<String, String> common(String cleanup) {
        var config = new LinkedHashMap<String, String>();
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanup);
        if (replication.orElse((short) 1) >= REPLICAS_FOR_IN_SYNC) {
            config.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(IN_SYNC));
        }
        return config;
    }

    private List<String> create(Admin admin, List<Planned> planned) {
        var created = new ArrayList<String>();
        var topics =
                planned.stream()
                        .map(
                                each ->
                                        new NewTopic(
                                                        each.name(),
                                                        Optional.of(each.partitions()),
                                                        replication)
                                                .configs(each.config()))
                        .toList();
        admin.createTopics(topics)
                .values()
                .forEach(
                        (name, future) -> {
                            try {
                                get(future, "topic '" + name + "'");
                                created.add(name);
                            } catch (Failure e) {
                                if (!(e.getCause() instanceof TopicExistsException)) {
                                    throw e;
                                }
                            }
                        });
        return created;
    }

    private static Map<String, Map<String, String>> configs(Admin admin, List<String> names) {
        var resources =
                names.stream()
                        .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                        .toList();
        var configs = new HashMap<String, Map<String, String>>();
        get(admin.describeConfigs(resources).all(), "topics' configuration")
                .forEach(
                        (resource, config) -> {
                            var values = new HashMap<String, String>();
                            config.entries().forEach(e -> values.put(e.name(), e.value()));
                            configs.put(resource.name(), values);
                        });
        return configs;
    }

    private static List<String> differences(
            Planned planned, int partitions, Map<String, String> actual) {
        var differences = new ArrayList<String>();
        if (partitions != planned.partitions()) {
            differences.add(
                    "partitions: %d (expected: %d)".formatted(partitions, planned.partitions()));
        }
        planned.config()
                .forEach(
                        (name, wanted) -> {
                            if (!wanted.equals(actual.get(name))) {
                                differences.add(
                                        "%s: %s (expected: %s)"
                                                .formatted(name, actual.get(name), wanted));
                            }
                        });
        return differences;
    }

    private static void awaitLeaders(Admin admin, Map<String, TopicDescription> topics) {
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        topics.forEach(
                (name, topic) ->
                        topic.partitions()
                                .forEach(
                                        each ->
                                                latest.put(
                                                        new TopicPartition(name, each.partition()),
                                                        OffsetSpec.latest())));
        soon(() -> get(admin.listOffsets(latest).all(), "partitions"));
    }

    /// A broker may be asked that has not heard of a new topic, or of its leader.
    private static <T> T soon(Supplier<T> question) {
        var deadline = System.nanoTime() + WAIT.toNanos();
        while (true) {
            try {
                return question.get();
            } catch (Failure e) {
                if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadline) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while waiting for Kafka", e);
        }
    }

    private static <T> T get(KafkaFuture<T> future, String what) {
        try {
            return future.get(WAIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            var cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new Failure("%s: Kafka says: %s".formatted(what, cause.getMessage()), cause);
        } catch (TimeoutException e) {
            throw new Failure(
                    "%s: Kafka did not answer within %d s".formatted(what, WAIT.toSeconds()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while waiting for Kafka", e);
        }
    }
}
