package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.systemtests.harness.AdminPort;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What alerts, dashboard and documents say of metrics is what the processes serve.
class MetricsSystemTest {
    private static final Path TOP = Path.of("..");
    private static final Pattern SERIES =
            Pattern.compile("\\b(?:switchboard|jvm|process|system)_[a-z0-9_]+");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(switchboard_[a-z0-9_]+)` \\| ([^|]+) \\| (.+) \\|$");
    private static final Pattern HELP = Pattern.compile("(?m)^# HELP (switchboard_\\S+) (.+)$");

    private static final SwitchboardSystem SYSTEM = SwitchboardSystem.shared();
    private static final Stage STAGE = Stage.shared();

    @BeforeAll
    static void traffic() {
        var ada = STAGE.browser("ada").connect();
        STAGE.send("ada", "m1", "m2", "m3");
        ada.awaitReceived("m1", "m2", "m3");
    }

    @AfterAll
    static void leave() {
        STAGE.close();
    }

    @Test
    void everySeriesOfAlertsAndDashboard_isServed() throws IOException {
        var served = served();
        for (var file : new String[] {"prometheus/alerts.yml", "grafana/switchboard.json"}) {
            var used = expressions(Files.readString(TOP.resolve("deploy").resolve(file)));
            assertThat(used).as(file).hasSizeGreaterThan(15);
            assertThat(served).as(file).containsAll(used);
        }
    }

    /// Names and sentences, both ways.
    @Test
    void thePageOfMetrics_isWhatIsServed() throws IOException {
        var page = new TreeMap<String, String>();
        var rows = ROW.matcher(Files.readString(TOP.resolve("docs/operating.md")));
        while (rows.find()) {
            page.put(rows.group(1), rows.group(3));
        }
        assertThat(page).hasSizeGreaterThan(50).containsExactlyEntriesOf(helped());
    }

    @Test
    void everyStage_isMeasured_andNoneTakesForEver() {
        for (var stage :
                new String[] {
                    "posted_to_produced",
                    "produced_to_stored",
                    "stored_to_hinted",
                    "hinted_to_written",
                    "written_to_acknowledged",
                    "canary"
                }) {
            Awaitility.await(stage)
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> {
                                double count = sum("switchboard_" + stage + "_seconds_count");
                                double sum = sum("switchboard_" + stage + "_seconds_sum");
                                assertThat(count).as(stage).isPositive();
                                assertThat(sum / count).as(stage + ", in seconds").isLessThan(30);
                            });
        }
    }

    private static double sum(String series) {
        double sum = 0;
        for (var node : SYSTEM.nodes()) {
            for (var line : AdminPort.of(node).metrics().lines().toList()) {
                if (line.startsWith(series + " ") || line.startsWith(series + "{")) {
                    sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                }
            }
        }
        return sum;
    }

    private static Set<String> expressions(String file) {
        var used = new TreeSet<String>();
        file.lines()
                .filter(line -> !line.contains("runbook:") && !line.contains("summary:"))
                .forEach(
                        line -> SERIES.matcher(line).results().forEach(it -> used.add(it.group())));
        return used;
    }

    private static Set<String> served() {
        var served = new TreeSet<String>();
        for (var node : SYSTEM.nodes()) {
            AdminPort.of(node)
                    .metrics()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> served.add(line.split("[ {]", 2)[0]));
        }
        return served;
    }

    /// What several kinds of process serve under one name has all their sentences.
    private static TreeMap<String, String> helped() {
        var helped = new TreeMap<String, String>();
        for (Node node : SYSTEM.nodes()) {
            var help = HELP.matcher(AdminPort.of(node).metrics());
            while (help.find()) {
                if (!help.group(1).endsWith("_max")) {
                    var sentence = help.group(2);
                    helped.merge(
                            help.group(1),
                            sentence,
                            (had, more) -> had.contains(more) ? had : had + " " + more);
                }
            }
        }
        return helped;
    }
}
