package io.switchboard.quickstart;

import io.switchboard.operator.DevTokens;
import io.switchboard.operator.Example;
import io.switchboard.runtime.AppsFile;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.Lifecycle;
import io.switchboard.runtime.Unusable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Everything on this machine, in the foreground, until Ctrl-C.
@Command(
        name = "./switchboard up",
        mixinStandardHelpOptions = true,
        description =
                "Starts everything on this machine, each part a real process, and keeps it running until Ctrl-C.")
public final class UpMain implements Callable<Integer> {
    private static final Duration TOKEN_VALID = Duration.ofDays(7);
    private static final int MOST_DISPATCHERS = 8;

    @Option(
            names = "--edges",
            paramLabel = "N",
            defaultValue = "2",
            description = "Edge nodes (${DEFAULT-VALUE}).")
    private int edges = 2;

    @Option(
            names = "--dispatchers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Dispatchers (${DEFAULT-VALUE}).")
    private int dispatchers = 1;

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT[,…]",
            description = "An existing Kafka instead of an embedded one.")
    private @Nullable String kafka;

    @Option(
            names = "--redis",
            paramLabel = "redis://HOST:PORT",
            description = "An existing Redis instead of an embedded one.")
    private @Nullable String redis;

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "" + Ports.DEFAULT_BASE,
            description =
                    "The front door listens on P, edges on P+1…, Kafka on P+12, Redis on P+13, admin ports on P+100… (${DEFAULT-VALUE}).")
    private int port = Ports.DEFAULT_BASE;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Keeps state across runs (data, beside the launcher).")
    private @Nullable Path data;

    @Option(
            names = "--apps",
            paramLabel = "FILE",
            description =
                    "Apps, tokens and routes; otherwise apps.yaml in the data folder, made from apps.example.yaml at first.")
    private @Nullable Path apps;

    @Option(
            names = "--lanes",
            paramLabel = "N",
            defaultValue = "8",
            description = "Partitions of a new events topic (${DEFAULT-VALUE}).")
    private int lanes = 8;

    @Option(names = "--json", description = "When all is ready, its addresses as a JSON object.")
    private boolean json;

    private UpMain() {}

    public static void main(String[] args) {
        Cli.main(new UpMain(), args);
    }

    @Override
    public Integer call() throws InterruptedException {
        check("--edges", edges, 1, Ports.MOST_EDGES);
        check("--dispatchers", dispatchers, 1, MOST_DISPATCHERS);
        check("--port", port, 1024, 65_000);
        check("--lanes", lanes, 1, 1_000);
        var begun = System.nanoTime();
        var screen = new UpScreen(System.out, json, begun);
        try (var lifecycle = new Lifecycle()) {
            var folder =
                    lifecycle.open(
                            DataFolder.open(
                                    data == null ? JavaModule.checkout().resolve("data") : data));
            var ports = Ports.from(port, edges, dispatchers);
            ports.requireFree(kafka == null, redis == null);
            var appsPath = apps == null ? folder.apps() : apps.toAbsolutePath();
            var token = exampleToken(appsPath);
            screen.onStarting(folder.logs());

            var cluster =
                    lifecycle.open(
                            LocalCluster.start(
                                    new LocalCluster.Plan(
                                            folder,
                                            appsPath,
                                            ports,
                                            lanes,
                                            Optional.ofNullable(kafka),
                                            Optional.ofNullable(redis)),
                                    screen::onReady));
            var supervisor = new Supervisor(screen::onTrouble);
            supervisor.watch(cluster.parts());
            lifecycle.open(
                    () -> {
                        supervisor.stop();
                        screen.onStopping();
                    });
            lifecycle.open(
                    folder.announce(
                            Map.of(
                                    "SWITCHBOARD_FRONT", cluster.frontDoor(),
                                    "SWITCHBOARD_URL", String.join(",", cluster.edges()),
                                    "SWITCHBOARD_KAFKA", cluster.kafka(),
                                    "SWITCHBOARD_REDIS", cluster.redis(),
                                    "SWITCHBOARD_APPS", appsPath.toString(),
                                    "SWITCHBOARD_CLUSTER_KEY_FILE",
                                            folder.clusterKey().toString())));
            screen.onUp(cluster, appsPath, folder.logs(), token);
            lifecycle.awaitStop();
        } catch (ProcessFailed failed) {
            screen.onFailed(failed);
            throw new Failure("not everything became ready", failed);
        }
        return Cli.DONE;
    }

    /// For the desk page, if the example's app is in this apps file.
    private static Optional<String> exampleToken(Path appsPath) {
        try (var file = AppsFile.open(appsPath)) {
            return Optional.ofNullable(file.current().app(Example.APP))
                    .filter(app -> app.jwt() != null && app.jwt().hmacSecret() != null)
                    .map(
                            app ->
                                    DevTokens.sign(
                                            app,
                                            Example.UUID,
                                            app.roles(),
                                            Instant.now().plus(TOKEN_VALID)));
        }
    }

    private static void check(String flag, int value, int least, int most) {
        if (value < least || value > most) {
            throw new Unusable("%s: %d (expected: %d to %d)".formatted(flag, value, least, most));
        }
    }
}
