package io.switchboard.dispatcher;

import io.switchboard.dispatcher.DispatcherSettings.GroupProtocol;
import io.switchboard.dispatcher.lane.LaneSettings;
import io.switchboard.inbox.InboxAway;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.runtime.AdminFlags;
import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.BlockedApps;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.ClusterKeyFlags;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Lifecycle;
import io.switchboard.runtime.LogFlags;
import io.switchboard.runtime.Ready;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.runtime.TraceFlags;
import io.switchboard.runtime.Unusable;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./switchboard dispatcher`: one dispatcher process. Several share the lanes as one group.
@Command(
        name = "dispatcher",
        mixinStandardHelpOptions = true,
        description = "Stores events in inboxes and hints edge nodes; several share the lanes.")
public final class DispatcherMain implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(DispatcherMain.class);

    private static final Duration REDIS_PATIENCE = Duration.ofSeconds(30);
    private static final Duration REDIS_PAUSE = Duration.ofMillis(500);

    @Mixin private final KafkaFlags kafka = new KafkaFlags();
    @Mixin private final RedisFlags redis = new RedisFlags();
    @Mixin private final AppsFlags appsFlags = new AppsFlags();
    @Mixin private final ClusterKeyFlags clusterKey = new ClusterKeyFlags();
    @Mixin private final AdminFlags admin = new AdminFlags();
    @Mixin private final LogFlags log = new LogFlags();
    @Mixin private final TraceFlags trace = new TraceFlags();

    @Option(
            names = "--id",
            paramLabel = "ID",
            defaultValue = "dispatcher-1",
            description = "Names this process (${DEFAULT-VALUE}).")
    private String id = "dispatcher-1";

    @Option(
            names = "--group",
            paramLabel = "NAME",
            defaultValue = DispatcherSettings.DEFAULT_GROUP,
            description = "The consumer group that shares the lanes (${DEFAULT-VALUE}).")
    private String group = DispatcherSettings.DEFAULT_GROUP;

    @Option(
            names = "--group-protocol",
            paramLabel = "consumer|classic",
            defaultValue = "consumer",
            description =
                    "consumer (KIP-848) takes over within 4 s if the broker allows; classic within 7 s.")
    private GroupProtocol groupProtocol = GroupProtocol.CONSUMER;

    @Option(
            names = "--redeliveries-per-second",
            paramLabel = "N",
            defaultValue = "500",
            description = "How fast a redelivery goes, per lane (${DEFAULT-VALUE}).")
    private int redeliveriesPerSecond = LaneSettings.DEFAULT.redeliveriesPerSecond();

    public static void main(String[] args) {
        Cli.main(new DispatcherMain(), args);
    }

    @Override
    public Integer call() throws InterruptedException {
        log.apply();
        var settings = settings();
        LOG.atInfo().log("Settings: {}", settings);
        try (var lifecycle = new Lifecycle()) {
            var file = lifecycle.open(appsFlags.open());
            var growing = new LaneGrowth(kafka.eventsTopic(), lifecycle::fatal);
            var apps =
                    lifecycle.open(
                            BlockedApps.over(
                                    file::current,
                                    kafka.consumer("switchboard-dispatcher-" + settings.id()),
                                    growing));
            var proof = clusterKey.load();
            var tracing = trace.open("dispatcher", settings.id());
            if (tracing != null) {
                lifecycle.open(tracing);
            }
            var inbox = lifecycle.open(connect());
            growing.awaitPermission(apps);
            var dispatcher =
                    lifecycle.open(
                            Dispatcher.start(
                                    settings,
                                    kafka,
                                    apps,
                                    growing.layout(),
                                    proof,
                                    inbox,
                                    inbox.leases(),
                                    admin,
                                    tracing,
                                    lifecycle::fatal));
            Ready.print("dispatcher", settings.id(), null, dispatcher.adminPort());
            lifecycle.awaitStop();
        }
        return Cli.DONE;
    }

    /// A Redis that starts together with us may need a moment.
    private RedisInbox connect() throws InterruptedException {
        var urls = redis.urls();
        long deadline = System.nanoTime() + REDIS_PATIENCE.toNanos();
        while (true) {
            try {
                return RedisInbox.connect(urls);
            } catch (IllegalArgumentException e) {
                throw new Unusable("--redis: " + e.getMessage());
            } catch (InboxAway e) {
                if (System.nanoTime() > deadline) {
                    throw new Failure(e.getMessage() + " (expected: a Redis that runs)", e);
                }
                LOG.atWarn().log("{}; trying again", e.getMessage());
                Thread.sleep(REDIS_PAUSE);
            }
        }
    }

    private DispatcherSettings settings() {
        try {
            var lane = LaneSettings.DEFAULT;
            return new DispatcherSettings(
                    id,
                    group,
                    groupProtocol,
                    new LaneSettings(
                            lane.beat(),
                            lane.acksCheck(),
                            redeliveriesPerSecond,
                            lane.longestWait()));
        } catch (IllegalArgumentException e) {
            throw new Unusable("--" + e.getMessage());
        }
    }
}
