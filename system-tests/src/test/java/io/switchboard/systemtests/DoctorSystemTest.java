package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.harness.Relay;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import io.switchboard.systemtests.harness.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;

/// `doctor` finds what is wrong with real servers, and says what to mend. (A broker's group limits
/// and clocks that differ are in CheckupTest: no server of ours can be made to have them.)
class DoctorSystemTest {
    private final SwitchboardSystem system = SwitchboardSystem.shared();
    private final Tool tool = Tool.of(system);

    @Test
    void aSystemThatIsWell_holds() {
        var said = tool.run("doctor");

        assertThat(said.code()).as(said.toString()).isZero();
        assertThat(said.out()).contains("Everything holds").doesNotContain("FAIL", "warn");
    }

    @Test
    void kafkaAway() {
        var said = tool.with("SWITCHBOARD_KAFKA", "127.0.0.1:1").run("doctor");

        assertFails(said, "Kafka at 127.0.0.1:1 did not answer");
        assertThat(said.out()).as("the rest is looked at all the same").contains("Redis");
    }

    @Test
    void redisAway() {
        var said = tool.with("SWITCHBOARD_REDIS", "redis://127.0.0.1:1").run("doctor");

        assertFails(said, "redis://127.0.0.1:1", "--redis names a server that can be reached");
    }

    @Test
    void redisBefore7() throws Exception {
        var version = redis("INFO server").lines().filter(it -> it.startsWith("redis_version:"));
        var real = version.findFirst().orElseThrow().strip();
        var old = "redis_version:6" + real.substring("redis_version:6".length());
        try (var relay = Relay.start(0, redisUri().getPort())) {
            relay.mishear(real, old);

            var said =
                    tool.with("SWITCHBOARD_REDIS", "redis://127.0.0.1:" + relay.port())
                            .run("doctor");

            assertFails(said, old.replace(":", ": "), "expected: ≥ 7, for functions");
        }
    }

    @Test
    void maxmemoryPolicy_thatEvicts() throws Exception {
        redis("CONFIG SET maxmemory-policy allkeys-lru");
        try {
            assertFails(
                    tool.run("doctor"), "maxmemory-policy: allkeys-lru", "expected: noeviction");
        } finally {
            redis("CONFIG SET maxmemory-policy noeviction");
        }
    }

    @Test
    void streamNodeMaxBytes_atItsDefault_costs() throws Exception {
        redis("CONFIG SET stream-node-max-bytes 4096");
        try {
            var said = tool.run("doctor");

            assertThat(said.code()).as("it works, at a price").isZero();
            assertThat(said.out()).contains("warn", "stream-node-max-bytes: 4096", "1024");
        } finally {
            redis("CONFIG SET stream-node-max-bytes 512");
        }
    }

    @Test
    void missingTopic() {
        assertFails(tool.run("doctor", "--events-topic", "nobody.made.this"), "nobody.made.this");
    }

    @Test
    void retentionThatIsTooShort() throws Exception {
        var was = setRetention("3600000");
        try {
            assertFails(tool.run("doctor"), TopicConfig.RETENTION_MS_CONFIG);
        } finally {
            setRetention(was);
        }
    }

    @Test
    void portThatIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertFails(
                    tool.run("doctor", "--port", Integer.toString(taken.getLocalPort())),
                    Integer.toString(taken.getLocalPort()));
        }
    }

    private static void assertFails(Tool.Said said, String... texts) {
        assertThat(said.code()).as(said.toString()).isEqualTo(1);
        var flat = said.out().replaceAll("\\s+", " ");
        assertThat(flat).contains("FAIL").contains(texts);
    }

    /// @return what it was
    private String setRetention(String millis) throws Exception {
        try (var admin = Admin.create(system.kafkaSettings("doctor-test"))) {
            var topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.EVENTS);
            var was = admin.describeConfigs(List.of(topic)).all().get().get(topic);
            var change =
                    new AlterConfigOp(
                            new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, millis),
                            AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
            return was.get(TopicConfig.RETENTION_MS_CONFIG).value();
        }
    }

    private URI redisUri() {
        return URI.create(system.infra().redisUrl());
    }

    /// One inline command; the answer as it comes.
    private String redis(String command) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), redisUri().getPort())) {
            socket.getOutputStream()
                    .write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.UTF_8));
            var answer =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            return String.join("\n", answer.lines().toList());
        }
    }
}
