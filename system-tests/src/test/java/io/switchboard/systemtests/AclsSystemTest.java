package io.switchboard.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.quickstart.EmbeddedKafka;
import io.switchboard.quickstart.EmbeddedKafkaMain;
import io.switchboard.quickstart.FreePorts;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.harness.AdminPort;
import io.switchboard.systemtests.harness.ForkedInfra;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lines of deploy/kafka/acls on a real broker, and of deploy/redis/switchboard.acl on a real
/// Redis: every process does its work under its own login, and is refused the topics that are not
/// its own. So nobody but a dispatcher forges a
/// hint or an ack, and nobody but an operator a command.
class AclsSystemTest {
    private static final Path ACLS = Path.of("../deploy/kafka/acls");
    private static final Path REDIS_ACL = Path.of("../deploy/redis/switchboard.acl");
    private static final Pattern LINE =
            Pattern.compile("  allow (\\S+) +(\\S+) +(topic|topics-from|group) +(\\S+) .*");
    private static final Duration GREEN = Duration.ofSeconds(40);
    private static final List<String> PRINCIPALS =
            List.of("upstream", "producer", "dispatcher", "edge", "consumer");

    @TempDir Path folder;

    private ForkedInfra infra;
    private SwitchboardSystem started;
    private Stage system;
    private String guarded;

    @BeforeEach
    void open() throws Exception {
        int port = FreePorts.next();
        guarded = "127.0.0.1:" + port;
        var logs = Path.of("target", "system-logs", "acls");
        Files.createDirectories(logs);
        infra =
                ForkedInfra.start(
                        logs,
                        List.of("-D%s=%s".formatted(EmbeddedKafkaMain.MORE_SETTINGS, broker())),
                        new EmbeddedKafka.Listener(port, port));
        allow();
        allowInRedis();
        started =
                SwitchboardSystem.start(
                        SwitchboardSystem.Plan.of(infra, logs, 1, 1)
                                .through(_ -> guarded, this::redisUrl)
                                .with(
                                        id ->
                                                List.of(
                                                        "--kafka-config",
                                                        client(kind(id)).toString())));
        system = Stage.on(started);
    }

    @AfterEach
    void close() {
        if (started != null) {
            system.close();
            started.close();
        }
        infra.close();
    }

    /// Whoever comes by the other listener needs no name, and may do everything: it is the test's.
    private Path broker() throws IOException {
        var users = new StringBuilder();
        PRINCIPALS.forEach(each -> users.append(" user_%1$s=\"%1$s\"".formatted(each)));
        return Files.write(
                folder.resolve("broker.properties"),
                List.of(
                        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,L3:SASL_PLAINTEXT",
                        "sasl.enabled.mechanisms=PLAIN",
                        "listener.name.l3.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required%s;"
                                .formatted(users),
                        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                        "super.users=User:ANONYMOUS"));
    }

    private static String kind(String id) {
        return id.startsWith("front-door") ? "producer" : id.substring(0, id.indexOf('-'));
    }

    private Path client(String principal) {
        var file = folder.resolve(principal + ".properties");
        try {
            return Files.write(
                    file, settings(principal).entrySet().stream().map(Object::toString).toList());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("no settings of " + principal, e);
        }
    }

    private static Map<String, String> settings(String principal) {
        return Map.of(
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%1$s\" password=\"%1$s\";"
                        .formatted(principal));
    }

    private void allow() throws Exception {
        var bindings = new ArrayList<AclBinding>();
        for (var line : Files.readAllLines(ACLS)) {
            var found = LINE.matcher(line);
            if (found.matches()) {
                var type = found.group(3).equals("group") ? ResourceType.GROUP : ResourceType.TOPIC;
                var pattern =
                        found.group(3).equals("topics-from")
                                ? PatternType.PREFIXED
                                : PatternType.LITERAL;
                for (var operation : found.group(2).split(",", -1)) {
                    bindings.add(
                            new AclBinding(
                                    new ResourcePattern(type, found.group(4), pattern),
                                    new AccessControlEntry(
                                            "User:" + found.group(1),
                                            "*",
                                            operation(operation),
                                            AclPermissionType.ALLOW)));
                }
            }
        }
        assertThat(bindings).hasSizeGreaterThan(PRINCIPALS.size());
        try (var admin = Admin.create(Map.of("bootstrap.servers", infra.kafka()))) {
            admin.createAcls(bindings).all().get();
        }
    }

    /// Whoever comes without a login may still do everything: it is the test's.
    private void allowInRedis() throws IOException {
        var redis = URI.create(infra.redisUrl());
        try (var socket = new Socket(redis.getHost(), redis.getPort());
                var answers =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
            for (var line : Files.readAllLines(REDIS_ACL)) {
                if (PRINCIPALS.stream().anyMatch(each -> line.startsWith("user " + each + " "))) {
                    var command = "ACL SETUSER " + line.substring("user ".length()) + "\r\n";
                    socket.getOutputStream().write(command.getBytes(UTF_8));
                    assertThat(answers.readLine()).isEqualTo("+OK");
                }
            }
        }
    }

    private String redisUrl(String id) {
        return infra.redisUrl()
                .replace("redis://", "redis://%1$s:change-me-%1$s@".formatted(kind(id)));
    }

    private static AclOperation operation(String name) {
        return Arrays.stream(AclOperation.values())
                .filter(each -> each.name().replace("_", "").equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyProcess_worksUnderItsPrincipal_andNobodyForges() throws Exception {
        var ada = system.browser("ada").connect();
        var id = system.send("ada", "allowed").getFirst();
        ada.awaitReceived("allowed");
        system.awaitReceipt(id, Receipt.Kind.ACKNOWLEDGED);
        system.assertPromisesKept();
        started.nodes().forEach(AclsSystemTest::awaitGreen);

        var hints = edgeTopic();
        assertThat(writable("edge", hints))
                .isEqualTo(Set.of(Topics.EVENTS, Topics.UPSTREAM, Topics.PRESENCE));
        assertThat(writable("producer", hints)).isEqualTo(Set.of(Topics.EVENTS));
        assertThat(writable("upstream", hints)).isEqualTo(Set.of(Topics.EVENTS));
        assertThat(writable("consumer", hints)).isEmpty();
        assertThat(writable("dispatcher", hints))
                .isEqualTo(
                        Set.of(
                                Topics.EVENTS,
                                Topics.ACKS,
                                Topics.RECEIPTS,
                                Topics.DEAD_LETTERS,
                                hints));
    }

    /// As supervisors and balancers see it: canaries come through as well.
    private static void awaitGreen(Node node) {
        Awaitility.await(node + " is ready")
                .atMost(GREEN)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(
                        () ->
                                assertThat(AdminPort.of(node).ready().toString())
                                        .isEqualTo("200 {\"ready\":true}"));
    }

    /// Of all topics. A record that is garbage to whoever reads it is what is tried.
    private Set<String> writable(String principal, String hints) throws Exception {
        var settings = new java.util.HashMap<String, Object>(settings(principal));
        settings.put("bootstrap.servers", guarded);
        settings.put("max.block.ms", 20_000);
        // Whoever may write nothing at all is refused a producer's id first, sooner or later.
        settings.put("enable.idempotence", false);
        var written = new TreeSet<String>();
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (var topic :
                    List.of(
                            Topics.EVENTS,
                            Topics.CONTROL,
                            Topics.ACKS,
                            Topics.RECEIPTS,
                            Topics.DEAD_LETTERS,
                            Topics.UPSTREAM,
                            Topics.PRESENCE,
                            hints)) {
                try {
                    producer.send(new ProducerRecord<>(topic, 0, new byte[] {1}, new byte[] {1}))
                            .get();
                    written.add(topic);
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOf(AuthorizationException.class);
                }
            }
        }
        return written;
    }

    private String edgeTopic() throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", infra.kafka()))) {
            return admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith("switchboard.edge."))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
