package io.switchboard.quickstart;

import io.switchboard.operator.DevTokens;
import io.switchboard.operator.Example;
import io.switchboard.runtime.AppsFile;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.Lifecycle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Shows the promises, unattended.
@Command(
        name = "./switchboard demo",
        mixinStandardHelpOptions = true,
        description =
                "Two edges, an agent on each: sends worksheets, times each hop, kills an edge under way, and shows that nothing is lost, doubled or reordered. Exit code 1 when it did not hold. The last line is a JSON object.")
public final class DemoMain implements Callable<Integer> {
    private static final String SECOND_AGENT = "c0ffee00-23df-2a5b-23ds-000000000002";
    private static final Duration TOKEN_VALID = Duration.ofHours(1);

    /// The promise "comes back".
    private static final long RESUMED_AT_MOST_MILLIS = 3_000;

    private static final int LANES = 8;

    @Option(names = "--json", description = "Only the last line.")
    private boolean json;

    private DemoMain() {}

    public static void main(String[] args) {
        Cli.main(new DemoMain(), args);
    }

    @Override
    public Integer call() throws InterruptedException {
        var screen = new DemoScreen(System.out, json, System.nanoTime());
        screen.onStarting();
        try (var lifecycle = new Lifecycle()) {
            var folder = temporaryFolder();
            lifecycle.open(() -> delete(folder));
            var data = lifecycle.open(DataFolder.open(folder));
            var cluster =
                    lifecycle.open(
                            LocalCluster.start(
                                    new LocalCluster.Plan(
                                            data,
                                            data.apps(),
                                            Ports.free(2, 1),
                                            LANES,
                                            Optional.empty(),
                                            Optional.empty()),
                                    screen::onReady));
            return run(lifecycle, cluster, data.apps(), screen);
        } catch (ProcessFailed failed) {
            System.err.println(failed.getMessage());
            throw new Failure("not everything became ready", failed);
        }
    }

    private static int run(Lifecycle lifecycle, LocalCluster cluster, Path apps, DemoScreen screen)
            throws InterruptedException {
        var frontDoor = lifecycle.open(new FrontDoorClient(cluster.ports().frontDoor().port()));
        var edges = cluster.ports().edges().stream().map(DemoMain::webSocket).toList();
        var first = lifecycle.open(agent(Example.UUID, apps, edges));
        var second = lifecycle.open(agent(SECOND_AGENT, apps, edges.reversed()));
        var demo = new Demo(cluster, frontDoor, first, second);

        screen.onWarmUp();
        demo.warmUp();
        screen.onMeasuring();
        var hops = demo.measure();
        screen.onMeasured(hops);
        screen.onKilling();
        var resumed = demo.killAnEdge();
        var outcome = new Demo.Outcome(hops, demo.events(), demo.tally(), resumed);
        screen.onKilled(outcome);

        var held =
                outcome.tally().isClean()
                        && resumed.isPresent()
                        && resumed.getAsLong() <= RESUMED_AT_MOST_MILLIS;
        screen.onVerdict(outcome, held);
        return held ? Cli.DONE : Cli.FAILED;
    }

    private static WatchedAgent agent(String uuid, Path apps, List<URI> edges) {
        try (var file = AppsFile.open(apps)) {
            var app = Objects.requireNonNull(file.current().app(Example.APP));
            var token = DevTokens.sign(app, uuid, app.roles(), Instant.now().plus(TOKEN_VALID));
            return new WatchedAgent(uuid, token, edges);
        }
    }

    private static URI webSocket(Ports.Pair edge) {
        return URI.create("ws://127.0.0.1:%d/ws".formatted(edge.port()));
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("switchboard-demo");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
