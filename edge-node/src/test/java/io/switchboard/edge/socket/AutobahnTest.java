package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Autobahn's fuzzing client against our handshake and pipeline; docs/security.md has the command.
/// Its groups 1 to 7 and 10 are 247 cases. Group 9 is a benchmark with messages of up to 16 MiB.
@EnabledIfSystemProperty(named = "autobahn.gates", matches = ".+")
class AutobahnTest {
    private static final Path REPORTS = Path.of("target", "autobahn");
    private static final List<String> CASES =
            List.of("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*");
    private static final int NUMBER_OF_CASES = 247;
    private static final long MINUTES = 20;

    /// NON-STRICT: right, but earlier or later than Autobahn's author would have it.
    private static final String GOOD = "OK|NON-STRICT|INFORMATIONAL";

    @Test
    void noCase_fails() throws Exception {
        Files.createDirectories(REPORTS);
        try (var server = new EchoServer()) {
            fuzz(server.port());
        }
        var results = results();
        var counts = new TreeMap<String, Integer>();
        var failed = new ArrayList<String>();
        for (var each : results.properties()) {
            var behavior = each.getValue().get("behavior").asText();
            var closing = each.getValue().get("behaviorClose").asText();
            counts.merge(behavior, 1, Integer::sum);
            if (!behavior.matches(GOOD) || !closing.matches(GOOD)) {
                failed.add("%s: %s, closing %s".formatted(each.getKey(), behavior, closing));
            }
        }
        System.out.printf("MEASURED Autobahn, %d cases: %s%n", results.size(), counts);
        assertThat(failed).isEmpty();
        assertThat(results).hasSize(NUMBER_OF_CASES);
    }

    private static JsonNode results() throws IOException {
        return new ObjectMapper()
                .readTree(REPORTS.resolve("index.json").toFile())
                .get("Switchboard");
    }

    private static void fuzz(int port) throws Exception {
        var gates = Path.of(System.getProperty("autobahn.gates"));
        var suite = gates.resolve("autobahntestsuite-maven-plugin-0.1.5.jar").toString();
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-jar",
                                gates.resolve("jython-standalone-2.7.4.jar").toString(),
                                "src/test/python/fuzzing_client.py",
                                suite,
                                "ws://127.0.0.1:" + port,
                                REPORTS.toString()));
        command.addAll(CASES);
        var said = REPORTS.resolve("client.log");
        var client =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        try {
            assertThat(client.waitFor(MINUTES, TimeUnit.MINUTES)).as("%s", said).isTrue();
            assertThat(client.exitValue()).as("%s", said).isZero();
        } finally {
            client.destroyForcibly();
        }
    }
}
