package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.harness.AdminPort;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `/ready` is the data path: whatever keeps events from reaching an edge node turns it red within
/// ten seconds and says why, and mending turns it green. `/live` goes on being about the process.
class ReadinessSystemTest {
    /// The promise.
    private static final Duration RED = Duration.ofSeconds(10);

    private static final Duration GREEN = Duration.ofSeconds(60);

    private final SwitchboardSystem system = SwitchboardSystem.shared();

    @BeforeEach
    void allIsGreen() {
        system.heal();
        awaitGreen(system.nodes());
    }

    @AfterEach
    void mend() {
        system.nodes().forEach(Node::thaw);
        system.infra().redisServer().thaw();
        system.infra().kafkaServer().thaw();
        system.heal();
        awaitGreen(system.nodes());
    }

    @Test
    void dispatchersStopped() {
        system.dispatchers().forEach(Node::freeze);

        awaitRed(system.edges(), "path", "no dispatcher passes them on");
        assertThat(AdminPort.of(system.frontDoor()).ready().status()).isEqualTo(200);

        system.dispatchers().forEach(Node::thaw);
        awaitGreen(system.nodes());
    }

    @Test
    void redisPaused() {
        system.infra().redisServer().freeze();

        awaitRed(system.edges(), "path", "no canary has come");
        awaitRed(system.dispatchers(), "lanes", "lane ");

        system.infra().redisServer().thaw();
        awaitGreen(system.nodes());
    }

    @Test
    void kafkaPaused() {
        system.infra().kafkaServer().freeze();

        awaitRed(system.edges(), "path", "Kafka does not take them");
        awaitRed(system.dispatchers(), "kafka", "no answer");
        awaitRed(List.of(system.frontDoor()), "kafka", "Kafka has taken no record");

        system.infra().kafkaServer().thaw();
        awaitGreen(system.nodes());
    }

    /// The edges' topics take no record any more; everything else is well.
    @Test
    void hintsDropped() {
        limitEdgeTopics("1");

        awaitRed(system.edges(), "path", "");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThat(reasons(system.edges().getFirst(), "path"))
                                        .contains("they are stored, and their hints do not come"));

        limitEdgeTopics(null);
        awaitGreen(system.nodes());
    }

    @Test
    void eventsGoOn_whileCanariesDo_andNobodySeesThem() {
        try (var stage = Stage.shared()) {
            var ada = stage.browser("ada").connect();
            stage.send("ada", "m1", "m2");

            ada.awaitReceived("m1", "m2");
            stage.assertPromisesKept();
            assertThat(stage.receipts(Duration.ofSeconds(1)).keySet())
                    .noneMatch(id -> id.contains("canary"));
        }
    }

    private static void awaitRed(List<Node> nodes, String check, String reason) {
        for (var node : nodes) {
            var admin = AdminPort.of(node);
            Awaitility.await(node + " is red")
                    .atMost(RED)
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(
                            () -> {
                                var answer = admin.ready();
                                assertThat(answer.status()).isEqualTo(503);
                                assertThat(answer.body().path("failing").path(check).asText())
                                        .isNotEmpty()
                                        .contains(reason);
                            });
            assertThat(admin.live().status()).isEqualTo(200);
        }
    }

    private static String reasons(Node node, String check) {
        return AdminPort.of(node).ready().body().path("failing").path(check).asText();
    }

    private static void awaitGreen(List<Node> nodes) {
        for (var node : nodes) {
            var admin = AdminPort.of(node);
            Awaitility.await(node + " is green")
                    .atMost(GREEN)
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(
                            () ->
                                    assertThat(admin.ready().toString())
                                            .isEqualTo("200 {\"ready\":true}"));
        }
    }

    private void limitEdgeTopics(String bytes) {
        try (var admin = Admin.create(system.kafkaSettings("readiness"))) {
            var changes = new HashMap<ConfigResource, java.util.Collection<AlterConfigOp>>();
            for (var topic : admin.listTopics().names().get()) {
                if (Topics.isEdge(topic)) {
                    changes.put(
                            new ConfigResource(ConfigResource.Type.TOPIC, topic),
                            List.of(
                                    new AlterConfigOp(
                                            new ConfigEntry(
                                                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                                    bytes == null ? "3145728" : bytes),
                                            AlterConfigOp.OpType.SET)));
                }
            }
            admin.incrementalAlterConfigs(changes).all().get();
        } catch (java.util.concurrent.ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
