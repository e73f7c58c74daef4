package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeploymentFilesTest {
    private static final Path CHECKOUT = JavaModule.checkout();
    private static final Path COMPOSE = CHECKOUT.resolve("docker-compose.yml");

    @TempDir Path folder;

    @Test
    void composeItselfTakesTheFile() throws Exception {
        assumeThat(onPath("docker-compose")).isTrue();
        var output = folder.resolve("config.yml").toFile();
        var builder =
                new ProcessBuilder("docker-compose", "-f", COMPOSE.toString(), "config")
                        .redirectErrorStream(true)
                        .redirectOutput(output);
        builder.environment().put("SWITCHBOARD_CLUSTER_KEY", "key");

        var process = builder.start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output.toPath())).isZero();
        var services = new YAMLMapper().readTree(output).path("services");
        assertThat(services.properties().stream().map(Map.Entry::getKey))
                .containsExactlyInAnyOrder(
                        "kafka", "redis", "topics", "dispatcher", "edge-1", "edge-2", "producer");
        for (var service : services) {
            service.path("ports")
                    .forEach(port -> assertThat(port.asText()).startsWith("127.0.0.1:"));
            assertThat(service.has("healthcheck") || service.path("command").has(0))
                    .as("a health check, or a job: %s", service)
                    .isTrue();
            if (service.has("build")) {
                assertThat(service.path("read_only").booleanValue()).isTrue();
                assertThat(service.path("build").path("args").has("BASE_IMAGE")).isTrue();
                assertThat(Path.of(service.path("build").path("context").asText(), "Dockerfile"))
                        .exists();
            }
        }
    }

    /// The same group settings as the embedded broker's: a quick takeover depends on them.
    @Test
    void composesKafkaHasTheGroupSettingsOfTheEmbeddedOne() throws Exception {
        JsonNode environment =
                new YAMLMapper().readTree(COMPOSE.toFile()).at("/services/kafka/environment");

        EmbeddedKafkaMain.settings(1, 2, Path.of("data"))
                .forEach(
                        (name, value) -> {
                            if (name.startsWith("group.") || name.startsWith("transaction.max")) {
                                var variable =
                                        "KAFKA_"
                                                + name.replace('.', '_')
                                                        .toUpperCase(java.util.Locale.ROOT);
                                if (!name.equals("group.min.session.timeout.ms")) {
                                    assertThat(environment.path(variable).asText())
                                            .as(variable)
                                            .isEqualTo(value);
                                }
                            }
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "dispatcher, DISPATCHER",
        "edge-node, EDGE",
        "worksheet-producer, PRODUCER",
        "operator, OPERATOR"
    })
    void imagesRunTheModulesMainClass_notAsRoot_withoutAShell(String module, JavaModule process)
            throws Exception {
        var lines = Files.readAllLines(CHECKOUT.resolve(module).resolve("Dockerfile"));

        assertThat(lines).anyMatch(line -> line.matches("ARG BASE_IMAGE=\\S+"));
        assertThat(lines).contains("FROM ${BASE_IMAGE}", "USER 10001:10001");
        var entry = lines.stream().filter(line -> line.startsWith("ENTRYPOINT ")).toList();
        assertThat(entry).hasSize(1);
        var argv =
                List.of(
                        new YAMLMapper()
                                .readValue(
                                        entry.getFirst().substring("ENTRYPOINT ".length()),
                                        String[].class));
        assertThat(argv).endsWith(module + ".jar:lib/*", process.mainClass());
        assertThat(argv).containsAll(JavaModule.FLAGS).containsAll(process.flags());
    }

    @ParameterizedTest
    @CsvSource({"dispatcher, DISPATCHER", "edge, EDGE", "producer, PRODUCER"})
    void servicesRunWithTheFlagsOfTheModule(String service, JavaModule process) throws Exception {
        var unit = CHECKOUT.resolve("deploy/systemd/switchboard-%s.service".formatted(service));
        var start =
                Files.readAllLines(unit).stream()
                        .filter(line -> line.startsWith("ExecStart="))
                        .toList();

        assertThat(start).hasSize(1);
        assertThat(start.getFirst().split(" "))
                .containsAll(JavaModule.FLAGS)
                .containsAll(process.flags());
    }

    @Test
    void launcherRunsEdgeNodesWithTheirFlags() throws Exception {
        assertThat(Files.readString(CHECKOUT.resolve("switchboard")))
                .contains(JavaModule.EDGE.flags());
    }

    private static boolean onPath(String tool) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(each -> Files.isExecutable(Path.of(each, tool)));
    }
}
