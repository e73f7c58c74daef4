package io.switchboard.edge;

import io.switchboard.edge.delivery.DeliverySettings;
import io.switchboard.edge.socket.SocketSettings;
import io.switchboard.runtime.AdminFlags;
import io.switchboard.runtime.AdminServer;
import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Health;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Lifecycle;
import io.switchboard.runtime.LogFlags;
import io.switchboard.runtime.Metrics;
import io.switchboard.runtime.Ready;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.runtime.TlsFlags;
import io.switchboard.runtime.TraceFlags;
import io.switchboard.runtime.Unusable;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// One edge node as a process.
@Command(
        name = "edge",
        mixinStandardHelpOptions = true,
        description = "Runs an edge node: holds browsers' connections and writes their events.")
public final class EdgeMain implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeMain.class);

    @Mixin private final KafkaFlags kafka = new KafkaFlags();
    @Mixin private final RedisFlags redis = new RedisFlags();
    @Mixin private final AppsFlags apps = new AppsFlags();
    @Mixin private final AdminFlags admin = new AdminFlags();
    @Mixin private final TlsFlags tls = new TlsFlags();
    @Mixin private final LogFlags log = new LogFlags();
    @Mixin private final TraceFlags trace = new TraceFlags();

    @Option(
            names = "--id",
            defaultValue = "edge-1",
            description =
                    "Name of this edge node; one process at a time has it (${DEFAULT-VALUE}).")
    private String id = "edge-1";

    @Option(
            names = "--port",
            defaultValue = "9081",
            description = "For browsers; 0 takes any free one (${DEFAULT-VALUE}).")
    private int port = EdgeSettings.PORT;

    @Option(
            names = "--public-url",
            defaultValue = "",
            description = "What browsers connect to, if that is not host and port.")
    private String publicUrl = "";

    @Option(
            names = "--heartbeat-seconds",
            defaultValue = "25",
            description =
                    "How often the edge beats; two unanswered beats close (${DEFAULT-VALUE}).")
    private int heartbeatSeconds = (int) DeliverySettings.HEARTBEAT.toSeconds();

    @Option(
            names = "--max-connections",
            defaultValue = "1000000",
            description = "More are refused with 503 (${DEFAULT-VALUE}).")
    private int maxConnections = SocketSettings.MAX_CONNECTIONS;

    @Option(
            names = "--max-connections-per-address",
            defaultValue = "0",
            description =
                    "From one IP address; more get 503. 0: any number, as behind a proxy (${DEFAULT-VALUE}).")
    private int maxConnectionsPerAddress = SocketSettings.CONNECTIONS_PER_ADDRESS;

    @Option(
            names = "--max-connections-per-agent",
            defaultValue = "100",
            description = "Of one person to this edge node; more are closed (${DEFAULT-VALUE}).")
    private int maxConnectionsPerAgent = DeliverySettings.CONNECTIONS_PER_AGENT;

    @Option(
            names = "--max-handshakes-per-second",
            defaultValue = "5000",
            description = "On average, twice as many at once; more get 503 (${DEFAULT-VALUE}).")
    private int maxHandshakesPerSecond = SocketSettings.HANDSHAKES_PER_SECOND;

    @Option(
            names = "--drain-seconds",
            defaultValue = "10",
            description = "Over how long a stop spreads its go-aways (${DEFAULT-VALUE}).")
    private int drainSeconds = (int) DeliverySettings.DRAIN_SPREAD.toSeconds();

    private EdgeMain() {}

    public static void main(String... args) {
        Cli.main(new EdgeMain(), args);
    }

    @Override
    public Integer call() throws InterruptedException {
        log.apply();
        // A drain takes as long as it was told to.
        var grace = Lifecycle.GRACE.plusSeconds(drainSeconds);
        try (var lifecycle = new Lifecycle(grace)) {
            var certificate = tls.open();
            if (certificate != null) {
                lifecycle.open(certificate);
            }
            var settings = settings(certificate != null);
            var registry = Metrics.registry();
            var tracing = trace.open("edge", id);
            if (tracing != null) {
                lifecycle.open(tracing);
            }
            // The admin port first: what keeps us from starting is told there.
            var starting = new Starting();
            var health = new Health();
            health.check("start", starting::state);
            var lookups = new AtomicReference<@Nullable EdgeLookups>();
            var adminServer =
                    lifecycle.open(
                            new AdminServer(
                                    admin.host(),
                                    admin.adminPort(),
                                    admin.token(),
                                    health,
                                    registry,
                                    routing -> EdgeLookups.routing(routing, lookups::get)));
            var inbox = lifecycle.open(starting.awaitRedis(redis.urls()));
            var node =
                    new EdgeNode(
                            settings,
                            certificate,
                            kafka,
                            inbox,
                            inbox.leases(),
                            lifecycle.open(apps.open()),
                            new Meters(
                                    registry,
                                    tracing == null ? null : new DeliveryTraces(tracing, id)),
                            lifecycle);
            node.addChecks(health);
            node.addGauges(registry);
            lookups.set(node.lookups());
            starting.done();
            // Opened last, closed first: it drains while the admin port still tells how that goes.
            lifecycle.open(node);
            node.announce(adminServer.port());
            LOG.atInfo().addKeyValue("edge", id).log("Settings: {}", settings);
            Ready.print("edge", id, node.port(), adminServer.port());
            lifecycle.awaitStop();
        }
        return Cli.DONE;
    }

    private EdgeSettings settings(boolean secure) {
        var heartbeat = Duration.ofSeconds(heartbeatSeconds);
        try {
            return new EdgeSettings(
                    id,
                    admin.host(),
                    port,
                    secure,
                    publicUrl,
                    EdgeSettings.LEASE_TTL,
                    DeliverySettings.DEFAULTS.with(
                            heartbeat, Duration.ofSeconds(drainSeconds), maxConnectionsPerAgent),
                    SocketSettings.DEFAULTS.with(
                            heartbeat,
                            maxConnections,
                            maxConnectionsPerAddress,
                            maxHandshakesPerSecond));
        } catch (IllegalArgumentException e) {
            throw new Unusable(String.valueOf(e.getMessage()));
        }
    }
}
