package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.acl.AclOperation;
import org.junit.jupiter.api.Test;

/// Each test is something that `doctor` must find.
final class CheckupTest {
    private static final Duration TTL = Duration.ofHours(72);
    private static final Map<String, String> COMPACT = Map.of("cleanup.policy", "compact");
    private static final Map<String, String> EVENTS =
            Map.of(
                    "message.timestamp.type", "LogAppendTime",
                    "retention.ms", "604800000",
                    "max.message.bytes", "3145728");

    private static Map<String, KafkaCheckup.Topic> good() {
        var topics = new HashMap<String, KafkaCheckup.Topic>();
        topics.put("events", new KafkaCheckup.Topic(8, EVENTS, null));
        topics.put(Topics.ACKS, new KafkaCheckup.Topic(8, COMPACT, null));
        for (var name : List.of(Topics.CONTROL, Topics.PRESENCE)) {
            topics.put(name, new KafkaCheckup.Topic(1, COMPACT, null));
        }
        for (var name : List.of(Topics.RECEIPTS, Topics.DEAD_LETTERS, Topics.UPSTREAM)) {
            topics.put(name, new KafkaCheckup.Topic(8, Map.of(), null));
        }
        return topics;
    }

    private static List<Finding> events(String setting, String value) {
        var topics = good();
        var config = new HashMap<>(EVENTS);
        config.put(setting, value);
        topics.put("events", new KafkaCheckup.Topic(8, config, null));
        return KafkaCheckup.topics("events", topics, TTL);
    }

    private static void assertFound(List<Finding> findings, Finding.State state, String said) {
        assertThat(findings)
                .singleElement()
                .satisfies(
                        each -> {
                            assertThat(each.state()).isEqualTo(state);
                            assertThat(each.said()).contains(said);
                        });
    }

    @Test
    void goodTopicsAreGood() {
        assertFound(KafkaCheckup.topics("events", good(), TTL), Finding.State.OK, "8 lanes");
    }

    @Test
    void missingTopic() {
        var topics = good();
        topics.remove(Topics.CONTROL);

        assertFound(
                KafkaCheckup.topics("events", topics, TTL),
                Finding.State.FAIL,
                "'switchboard.control' does not exist");
    }

    @Test
    void retentionShorterThanTtlAndDelayAndADay() {
        assertFound(events("retention.ms", "431999999"), Finding.State.FAIL, "retention.ms");
        assertFound(events("retention.ms", "432000000"), Finding.State.OK, "");
        assertFound(events("retention.ms", "-1"), Finding.State.OK, "");
    }

    @Test
    void producersTimestamps_andSmallMessages() {
        assertFound(
                events("message.timestamp.type", "CreateTime"),
                Finding.State.FAIL,
                "LogAppendTime");
        assertFound(events("max.message.bytes", "1048588"), Finding.State.WARN, "3145728");
    }

    @Test
    void acksThatForget_orOfAnotherLaneCount() {
        var topics = good();
        topics.put(
                Topics.ACKS, new KafkaCheckup.Topic(8, Map.of("cleanup.policy", "delete"), null));
        assertFound(KafkaCheckup.topics("events", topics, TTL), Finding.State.FAIL, "compact");
        topics.put(Topics.ACKS, new KafkaCheckup.Topic(4, COMPACT, null));
        assertFound(KafkaCheckup.topics("events", topics, TTL), Finding.State.FAIL, "4 partitions");
    }

    @Test
    void brokersMinimumsTooHigh() {
        assertFound(
                KafkaCheckup.broker(Map.of("group.consumer.min.session.timeout.ms", "45000")),
                Finding.State.WARN,
                "45000 (expected: ≤ 3000");
        assertFound(
                KafkaCheckup.broker(Map.of("transaction.max.timeout.ms", "900000")),
                Finding.State.WARN,
                "900000");
        assertFound(KafkaCheckup.broker(Map.of()), Finding.State.OK, "");
    }

    @Test
    void permissionThatIsNotGiven() {
        var topic =
                new KafkaCheckup.Topic(
                        1, Map.of(), EnumSet.of(AclOperation.READ, AclOperation.DESCRIBE));

        assertFound(
                KafkaCheckup.permissions(Map.of("events", topic)),
                Finding.State.FAIL,
                "WRITE on topic 'events'");
    }

    @Test
    void clocksThatDisagree() {
        var now = Instant.parse("2026-11-24T18:00:00Z");

        assertThat(Clocks.compare("its", now, now.plusMillis(1_900), now).state())
                .isEqualTo(Finding.State.OK);
        assertThat(Clocks.compare("its", now, now.minusSeconds(10), now).said())
                .contains("10s behind");
        assertThat(Clocks.compare("its", now, now.plusSeconds(3), now).state())
                .isEqualTo(Finding.State.FAIL);
    }

    @Test
    void portThatIsTaken() throws Exception {
        try (var taken =
                new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThat(PortCheck.look(taken.getLocalPort()).state()).isEqualTo(Finding.State.FAIL);
        }
    }
}
