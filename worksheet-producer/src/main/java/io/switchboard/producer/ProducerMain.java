package io.switchboard.producer;

import io.helidon.webserver.http.HttpRouting;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.switchboard.runtime.AdminClient;
import io.switchboard.runtime.AdminFlags;
import io.switchboard.runtime.AdminServer;
import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.BlockedApps;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.ClusterKeyFlags;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Health;
import io.switchboard.runtime.HttpPort;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.runtime.Lifecycle;
import io.switchboard.runtime.LogFlags;
import io.switchboard.runtime.Metrics;
import io.switchboard.runtime.Ready;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.runtime.TlsFlags;
import io.switchboard.runtime.TraceFlags;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The front door's process.
@Command(
        name = "producer",
        mixinStandardHelpOptions = true,
        description = "The HTTP front door: puts events into Kafka and says what became of them.")
public final class ProducerMain implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerMain.class);

    /// How far back receipts are read at the start.
    private static final Duration PAST = Duration.ofHours(24);

    /// Whoever is inside hears what became of their request before the door is taken away.
    private static final Duration DRAIN = KafkaSink.DELIVERY.plusSeconds(2);

    /// How long one look at the events topic may take.
    private static final Duration LOOK = Duration.ofSeconds(5);

    /// Of most events there are two receipts.
    private static final long RECEIPTS_AT_START = 2L * EventIndex.MAX_EVENTS;

    @Mixin private final KafkaFlags kafka = new KafkaFlags();
    @Mixin private final AppsFlags apps = new AppsFlags();
    @Mixin private final AdminFlags admin = new AdminFlags();
    @Mixin private final ClusterKeyFlags clusterKey = new ClusterKeyFlags();
    @Mixin private final TlsFlags tls = new TlsFlags();
    @Mixin private final LogFlags log = new LogFlags();
    @Mixin private final TraceFlags trace = new TraceFlags();

    @Option(
            names = "--id",
            paramLabel = "ID",
            defaultValue = "producer-1",
            description = "This process's name (${DEFAULT-VALUE}).")
    private String id = "producer-1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9080",
            description = "The front door; 0 takes any free port (${DEFAULT-VALUE}).")
    private int port = 9080;

    @Option(
            names = "--redis",
            split = ",",
            paramLabel = "redis://HOST:PORT",
            description =
                    "Optional: where inboxes are, to say who is there and what is unread. Events are taken without it.")
    private List<String> redis = List.of();

    public static void main(String... args) {
        Cli.main(new ProducerMain(), args);
    }

    @Override
    public Integer call() throws InterruptedException {
        log.apply();
        try (var life = new Lifecycle()) {
            open(life);
            life.awaitStop();
        }
        return Cli.DONE;
    }

    private void open(Lifecycle life) throws InterruptedException {
        var certificate = tls.open();
        if (certificate != null) {
            life.open(certificate);
        }
        var proof = clusterKey.load();
        var file = life.open(apps.open());
        var layout = new LaneLayout(kafka.eventsTopic(), () -> {});
        var admitted =
                life.open(
                        BlockedApps.over(
                                file::current,
                                kafka.consumer(id + "-control"),
                                (read, _) -> layout.hear(read)));
        var registry = Metrics.registry();
        var tracing = trace.open("front-door", id);
        if (tracing != null) {
            life.open(tracing);
        }
        var meters = new Meters(registry, tracing, kafka.eventsTopic());
        var clock = InstantSource.system();

        var client = life.open(Admin.create(kafka.admin(id + "-admin")));
        var topic =
                life.open(
                        new LiveTopic(
                                EventsTopic.resolve(client, kafka.eventsTopic()),
                                () -> EventsTopic.resolve(client, kafka.eventsTopic(), LOOK),
                                layout,
                                clock));
        var sink = life.open(KafkaSink.open(kafka.producer(id), topic, proof));
        var index = new EventIndex(EventIndex.MAX_EVENTS);
        var tail =
                life.open(
                        new ReceiptTail(
                                () -> new KafkaConsumer<>(kafka.consumer(id + "-receipts")),
                                clock.instant().minus(PAST),
                                RECEIPTS_AT_START,
                                receipt -> {
                                    meters.increment(ProducerCounter.RECEIPTS_READ);
                                    index.onReceipt(receipt);
                                }));
        tail.start();
        var events =
                life.open(
                        new KafkaEventsLog(
                                () -> new KafkaConsumer<>(kafka.consumer(id + "-lookup")),
                                topic,
                                file::current,
                                proof));

        var admission = new Admission();
        var routing = HttpRouting.builder();
        var inboxes =
                redis.isEmpty()
                        ? null
                        : life.open(
                                new InboxLink(
                                        RedisFlags.checked(redis),
                                        topic::current,
                                        new AdminClient(admin.token())));
        new FrontDoor(
                        admitted,
                        sink,
                        new EventLookup(index, events, inboxes),
                        inboxes,
                        clock,
                        admission,
                        layout,
                        meters)
                .routing(routing);
        var health = new Health();
        var pulse = life.open(new Pulse(id, sink, clock).start());
        health.check("kafka", pulse::state);
        health.check("topic", topic::health);
        addGauges(registry, admission);
        var adminServer =
                life.open(
                        new AdminServer(
                                admin.host(),
                                admin.adminPort(),
                                admin.token(),
                                health,
                                registry,
                                _ -> {}));
        var server = HttpPort.open("--port", admin.host(), port, certificate, routing);
        life.open(server::stop);
        life.open(() -> admission.shut(DRAIN));
        LOG.atInfo()
                .addKeyValue("kafka", kafka.bootstrapServers())
                .addKeyValue("topic", topic.current())
                .addKeyValue("port", server.port())
                .addKeyValue("adminPort", adminServer.port())
                .log("The front door is open");
        Ready.print("producer", id, server.port(), adminServer.port());
    }

    private static void addGauges(MeterRegistry registry, Admission admission) {
        Gauge.builder("switchboard.requests.in.hand", admission, Admission::requests)
                .description("Requests that are not answered yet.")
                .register(registry);
        Gauge.builder("switchboard.requests.in.hand.limit", () -> Admission.MAX_REQUESTS)
                .description("More hear 503.")
                .register(registry);
        Gauge.builder("switchboard.requests.in.hand.bytes", admission, Admission::bytes)
                .description("Their bodies.")
                .register(registry);
        Gauge.builder("switchboard.requests.in.hand.bytes.limit", () -> Admission.MAX_BYTES)
                .description("More hear 503.")
                .register(registry);
    }
}
