package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.marcnuri.helm.Helm;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.switchboard.dispatcher.DispatcherMain;
import io.switchboard.edge.EdgeMain;
import io.switchboard.operator.OperatorMain;
import io.switchboard.producer.ProducerMain;
import io.switchboard.schemas.EdgeRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/// The chart, rendered by Helm itself (as a library) and compared with what Kubernetes takes and
/// our processes know. It is not installed anywhere.
final class HelmChartTest {
    private static final Path CHECKOUT = Path.of("..");
    private static final Path CHART = CHECKOUT.resolve("deploy/helm/switchboard");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private static final Map<String, String> LEAST =
            Map.of("kafka.bootstrap", "kafka:9092", "redis.url", "redis://redis:6379");

    /// Everything that can be turned on.
    private static final String ALL =
            """
            kafka: {bootstrap: "a:9092,b:9092", secret: kafka-logins}
            redis: {secret: redis-logins}
            adminToken: {secret: admin-token}
            image: {prefix: registry.example.com/team/, tag: "1.2.3", pullSecrets: [pull]}
            dispatcher: {autoscaling: {enabled: true, authentication: kafka-login}}
            edge:
              publicUrl: wss://push.example.com/ws
              maxConnections: 1000000
              tls: edge-tls
              service: {type: LoadBalancer, annotations: {some: thing}}
              autoscaling: {enabled: true, prometheus: "http://prometheus:9090"}
            frontDoor: {tls: door-tls, service: {annotations: {some: thing}}}
            podMonitor: true
            otlp: http://collector:4318
            nodeSelector: {pool: push}
            tolerations: [{key: push, operator: Exists}]
            priorityClassName: high
            """;

    @TempDir private static Path folder;

    @BeforeAll
    static void helmIsHere() throws IOException {
        try {
            Helm.version().call();
        } catch (RuntimeException | LinkageError e) {
            abort("no Helm for this operating system: " + e);
        }
        withoutHooks();
    }

    /// The library shows no hooks: here they are ordinary objects.
    private static void withoutHooks() throws IOException {
        try (var files = Files.walk(CHART)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var copy = folder.resolve("chart").resolve(CHART.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.writeString(
                        copy, Files.readString(file).replace("helm.sh/hook", "example.com/hook"));
            }
        }
    }

    private enum Values {
        LEAST,
        ALL;

        List<JsonNode> rendered() throws IOException {
            return this == LEAST
                    ? HelmChartTest.rendered("push", HelmChartTest.LEAST, "")
                    : HelmChartTest.rendered("push", Map.of(), HelmChartTest.ALL);
        }
    }

    /// What the chart's pods are, by their image.
    private enum Process {
        DISPATCHER("switchboard-dispatcher:", DispatcherMain.class),
        EDGE("switchboard-edge-node:", EdgeMain.class),
        FRONT_DOOR("switchboard-worksheet-producer:", ProducerMain.class),
        TOOL("switchboard-operator:", OperatorMain.class);

        private final String image;
        private final Class<?> main;

        Process(String image, Class<?> main) {
            this.image = image;
            this.main = main;
        }

        static Process of(String image) {
            for (var each : values()) {
                if (image.contains(each.image) || (image + ":").equals(each.image)) {
                    return each;
                }
            }
            throw new AssertionError(image);
        }

        /// @param arguments of the container: which command of a tool it is
        Set<String> settings(JsonNode arguments) {
            var line = new CommandLine(main);
            for (var each : arguments) {
                line = line.getSubcommands().getOrDefault(each.asText(), line);
            }
            var names = new HashSet<>(Set.of("SWITCHBOARD_CLUSTER_KEY"));
            for (var option : line.getCommandSpec().options()) {
                var flag = option.longestName().replaceFirst("^-+", "");
                var name = "SWITCHBOARD_" + flag.replace('-', '_').toUpperCase(Locale.ROOT);
                names.add(name);
                names.add(name + "_FILE");
            }
            return names;
        }
    }

    @Test
    void helmFindsNothingToSayOfIt() {
        var said = new Helm(CHART).lint().strict().call();

        assertThat(said.isFailed()).isFalse();
        assertThat(said.getMessages()).noneMatch(each -> each.matches("(?s)\\[(WARN|ERR).*"));
    }

    @ParameterizedTest
    @EnumSource
    void kubernetesKnowsEveryField(Values values) throws IOException {
        for (var each : values.rendered()) {
            validate(each.path("kind").asText(), JsonParser.parseString(each.toString()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void processesAreToldOnlyWhatTheyKnow_andFindWhatTheyAreTold(Values values) throws IOException {
        int seen = 0;
        for (var pod : pods(values.rendered())) {
            var container = pod.path("containers").path(0);
            var known =
                    Process.of(container.path("image").asText()).settings(container.path("args"));
            var mounts = container.path("volumeMounts").findValuesAsText("mountPath");
            for (var variable : container.path("env")) {
                seen++;
                assertThat(known).contains(variable.path("name").asText());
                var value = variable.path("value").asText();
                if (value.startsWith("/")) {
                    assertThat(mounts).contains(value.substring(0, value.lastIndexOf('/')));
                }
            }
            assertThat(pod.path("volumes").findValuesAsText("name"))
                    .containsAll(container.path("volumeMounts").findValuesAsText("name"));
        }
        assertThat(seen).isGreaterThan(20);
    }

    @Test
    void composesProcessesAreToldOnlyWhatTheyKnow() throws IOException {
        int seen = 0;
        var compose = YAML.readTree(CHECKOUT.resolve("docker-compose.yml").toFile());
        for (var service : compose.path("services")) {
            var image = service.path("image").asText();
            if (image.startsWith("switchboard-")) {
                var known = Process.of(image).settings(service.path("command"));
                for (var name : names(service.path("environment"))) {
                    seen++;
                    assertThat(known).contains(name);
                }
            }
        }
        assertThat(seen).isGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource
    void podsMayDoNothingThatTheyNeedNot(Values values) throws IOException {
        var rendered = values.rendered();

        assertThat(rendered).noneMatch(each -> each.path("kind").asText().equals("Secret"));
        for (var pod : pods(rendered)) {
            assertThat(pod.at("/securityContext/runAsNonRoot").booleanValue()).isTrue();
            assertThat(pod.at("/securityContext/runAsUser").intValue()).isEqualTo(10_001);
            assertThat(pod.at("/securityContext/seccompProfile/type").asText())
                    .isEqualTo("RuntimeDefault");
            assertThat(pod.path("automountServiceAccountToken").booleanValue()).isFalse();
            // Otherwise a Service named switchboard would be read as --port.
            assertThat(pod.has("enableServiceLinks")).isTrue();
            assertThat(pod.path("enableServiceLinks").booleanValue()).isFalse();
            for (var container : pod.path("containers")) {
                var context = container.path("securityContext");
                assertThat(context.path("readOnlyRootFilesystem").booleanValue()).isTrue();
                assertThat(context.has("allowPrivilegeEscalation")).isTrue();
                assertThat(context.path("allowPrivilegeEscalation").booleanValue()).isFalse();
                assertThat(context.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
                assertThat(container.at("/resources/limits/memory").isTextual()).isTrue();
                assertThat(container.at("/resources/requests/cpu").isTextual()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "dispatcher, Deployment, 9190",
        "edge, StatefulSet, 9181",
        "front-door, Deployment, 9180"
    })
    void supervisorsAskTheAdminPort_andMayTakeOneAtATime(String name, String kind, String port)
            throws IOException {
        var rendered = Values.LEAST.rendered();
        var container =
                one(rendered, kind, "push-switchboard-" + name)
                        .at("/spec/template/spec/containers/0");

        assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/live");
        assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/ready");
        assertThat(container.at("/readinessProbe/httpGet/port").asText()).isEqualTo("admin");
        assertThat(valueOf(container, "SWITCHBOARD_ADMIN_PORT")).isEqualTo(port);
        assertThat(container.path("ports"))
                .anyMatch(
                        each ->
                                each.path("name").asText().equals("admin")
                                        && each.path("containerPort").asText().equals(port));
        var budget = one(rendered, "PodDisruptionBudget", "push-switchboard-" + name);
        assertThat(budget.at("/spec/maxUnavailable").intValue()).isEqualTo(1);
    }

    @Test
    void edges_areNamedByTheirPods_andHaveTimeToDrain() throws IOException {
        var release = "a".repeat(53); // the longest that Helm allows
        var edges = new ArrayList<JsonNode>();
        for (var each : rendered(release, LEAST, "edge: {drainSeconds: 90}")) {
            if (each.path("kind").asText().equals("StatefulSet")) {
                edges.add(each);
            }
        }

        assertThat(edges).hasSize(1);
        var name = edges.getFirst().at("/metadata/name").asText();
        assertThat(new EdgeRef(name + "-9999", 1).id()).endsWith("-9999");
        var pod = edges.getFirst().at("/spec/template/spec");
        assertThat(valueOf(pod.path("containers").path(0), "SWITCHBOARD_DRAIN_SECONDS"))
                .isEqualTo("90");
        // The pause before SIGTERM, and what Lifecycle.GRACE allows besides.
        assertThat(pod.path("terminationGracePeriodSeconds").intValue())
                .isGreaterThanOrEqualTo(90 + 5 + 25);
    }

    /// A number beside an autoscaler would undo what it did, at every upgrade.
    @Test
    void whatScalesItself_hasNoNumberOfReplicas() throws IOException {
        var scaled = 0;
        for (var each : Values.ALL.rendered()) {
            if (each.path("kind").asText().equals("ScaledObject")) {
                scaled++;
                var target = each.at("/spec/scaleTargetRef");
                assertThat(
                                one(
                                                Values.ALL.rendered(),
                                                target.path("kind").asText("Deployment"),
                                                target.path("name").asText())
                                        .path("spec")
                                        .has("replicas"))
                        .isFalse();
            }
        }
        assertThat(scaled).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "redis: {url: 'redis://r:6379'}           | kafka.bootstrap",
                "kafka: {bootstrap: 'k:9092'}             | redis",
                "redis: {url: 'redis://u:secret@r:6379'}  | url",
                "redis: {url: 'redis://r:1', secret: r}   | redis",
                "edges: {replicas: 3}                     | edges",
                "edge: {replicas: 0}                      | replicas",
                "topics: {retentionDays: 1}               | retentionDays",
            })
    void whatCannotWork_isRefused(String values, String named) {
        assertThatThrownBy(() -> rendered("push", Map.of(), values)).hasMessageContaining(named);
    }

    private static List<JsonNode> rendered(String release, Map<String, String> set, String values)
            throws IOException {
        var file = Files.writeString(folder.resolve("values.yaml"), values);
        var command =
                new Helm(folder.resolve("chart"))
                        .template()
                        .withName(release)
                        .withNamespace("push")
                        .withKubeVersion("1.31.0")
                        .withValuesFile(file);
        set.forEach(command::set);
        var documents = new ArrayList<JsonNode>();
        try (var parser = YAML.createParser(command.call())) {
            YAML.readerFor(JsonNode.class)
                    .<JsonNode>readValues(parser)
                    .forEachRemaining(documents::add);
        }
        return documents.stream().filter(each -> each.has("kind")).toList();
    }

    private static List<JsonNode> pods(List<JsonNode> documents) {
        var pods = new ArrayList<JsonNode>();
        for (var each : documents) {
            var spec = each.path("spec");
            if (spec.has("containers")) {
                pods.add(spec);
            } else if (spec.at("/template/spec").has("containers")) {
                pods.add(spec.at("/template/spec"));
            }
        }
        assertThat(pods).as("three processes and two tools").hasSize(5);
        return pods;
    }

    private static JsonNode one(List<JsonNode> documents, String kind, String name) {
        return documents.stream()
                .filter(each -> each.path("kind").asText().equals(kind))
                .filter(each -> each.at("/metadata/name").asText().equals(name))
                .reduce(
                        (a, _) -> {
                            throw new AssertionError("two of " + a);
                        })
                .orElseThrow(() -> new AssertionError(kind + " " + name));
    }

    private static String valueOf(JsonNode container, String variable) {
        for (var each : container.path("env")) {
            if (each.path("name").asText().equals(variable)) {
                return each.path("value").asText();
            }
        }
        throw new AssertionError(variable);
    }

    /// Those that compose takes from a common block are merged into it by `<<`.
    private static Set<String> names(JsonNode environment) {
        var names = new HashSet<String>();
        environment
                .properties()
                .forEach(
                        each -> {
                            if (each.getKey().startsWith("SWITCHBOARD_")) {
                                names.add(each.getKey());
                            }
                        });
        return names;
    }

    /// @throws IllegalArgumentException naming a field that Kubernetes does not know, or lacks
    private static void validate(String kind, JsonElement object) throws IOException {
        switch (kind) {
            case "Deployment" -> V1Deployment.validateJsonElement(object);
            case "StatefulSet" -> V1StatefulSet.validateJsonElement(object);
            case "Service" -> V1Service.validateJsonElement(object);
            case "PodDisruptionBudget" -> V1PodDisruptionBudget.validateJsonElement(object);
            case "Job" -> V1Job.validateJsonElement(object);
            case "Pod" -> V1Pod.validateJsonElement(object);
            // Of others' operators: there is no schema of them here.
            case "ScaledObject", "PodMonitor" -> {}
            default -> throw new AssertionError(kind);
        }
    }
}
