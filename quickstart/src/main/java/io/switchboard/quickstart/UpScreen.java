package io.switchboard.quickstart;

import io.switchboard.operator.Example;
import io.switchboard.schemas.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/// What `up` shows: each part as it becomes ready, then where everything is and what to try.
///
/// Thread-safe.
final class UpScreen {
    private final PrintStream out;
    private final boolean json;
    private final long begun;

    /// @param begun in nanoseconds: what times are counted from
    UpScreen(PrintStream out, boolean json, long begun) {
        this.out = out;
        this.json = json;
        this.begun = begun;
    }

    void onStarting(Path logs) {
        say("Starting; logs go to " + shortened(logs) + "/");
    }

    void onReady(Part part) {
        say("  %-14s ready after %4.1f s".formatted(part.name(), seconds()));
    }

    void onTrouble(String sentence) {
        say("! " + sentence);
    }

    void onFailed(ProcessFailed failed) {
        System.err.println(failed.getMessage());
    }

    void onStopping() {
        say(System.lineSeparator() + "Stopping…");
    }

    void onUp(LocalCluster cluster, Path apps, Path logs, Optional<String> token) {
        if (json) {
            out.println(object(cluster, apps, logs, token));
        } else {
            out.println(page(cluster, apps, logs, token));
        }
        out.flush();
    }

    private String page(LocalCluster cluster, Path apps, Path logs, Optional<String> token) {
        var ports = cluster.ports();
        var page = new StringBuilder();
        page.append("%nSwitchboard is up, after %.1f s.%n%n".formatted(seconds()));
        line(page, "desk page", desk(cluster, token));
        line(page, "front door", cluster.frontDoor() + Example.URL);
        line(page, "edges", String.join("  ", cluster.edges()));
        line(page, "Kafka", cluster.kafka());
        line(page, "Redis", cluster.redis());
        line(
                page,
                "metrics",
                ports.adminPorts().stream()
                        .map("http://127.0.0.1:%d/metrics"::formatted)
                        .collect(Collectors.joining("\n" + " ".repeat(14))));
        line(page, "logs", shortened(logs) + "/*.log");
        line(page, "apps", shortened(apps) + " (read again when it changes)");
        page.append(
                "%nOpen the desk page, then send a worksheet from another terminal:%n%n  %s%n%nCtrl-C stops everything."
                        .formatted(send(cluster)));
        return page.toString();
    }

    private static void line(StringBuilder page, String name, String value) {
        page.append("  %-11s %s%n".formatted(name, value));
    }

    private static String object(
            LocalCluster cluster, Path apps, Path logs, Optional<String> token) {
        var object =
                Json.object()
                        .put("ready", "up")
                        .put("desk", desk(cluster, token))
                        .put("front_door", cluster.frontDoor() + Example.URL);
        cluster.edges().forEach(object.putArray("edges")::add);
        object.put("kafka", cluster.kafka()).put("redis", cluster.redis());
        cluster.ports().adminPorts().forEach(object.putArray("admin_ports")::add);
        return object.put("apps", apps.toString())
                .put("logs", logs.toString())
                .put("send", send(cluster))
                .toString();
    }

    /// With the other edges' addresses, so that the desk goes on when its own has died.
    private static String desk(LocalCluster cluster, Optional<String> token) {
        return "http://127.0.0.1:%d/desk/%s"
                .formatted(
                        cluster.ports().edges().getFirst().port(),
                        token.map(
                                        it ->
                                                "#token="
                                                        + it
                                                        + "&edges="
                                                        + String.join(",", cluster.edges()))
                                .orElse(""));
    }

    private static String send(LocalCluster cluster) {
        boolean usual = cluster.ports().frontDoor().port() == Ports.DEFAULT_BASE;
        var front = usual ? "" : " --front " + cluster.frontDoor();
        return "./switchboard send%s --to %s".formatted(front, Example.UUID);
    }

    private void say(String line) {
        if (!json) {
            out.println(line);
            out.flush();
        }
    }

    private double seconds() {
        return (System.nanoTime() - begun) / 1e9;
    }

    /// Relative to where the reader is, where that is shorter.
    private static String shortened(Path path) {
        var here = Path.of("").toAbsolutePath();
        return path.startsWith(here) ? here.relativize(path).toString() : path.toString();
    }
}
