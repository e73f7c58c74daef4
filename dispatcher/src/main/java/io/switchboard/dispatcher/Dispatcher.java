package io.switchboard.dispatcher;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.switchboard.dispatcher.lane.DispatcherCounter;
import io.switchboard.dispatcher.lane.Lane;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.dispatcher.lane.Router;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.AdminFlags;
import io.switchboard.runtime.AdminServer;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.Health;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.runtime.Metrics;
import io.switchboard.runtime.Tracing;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.Proof;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One dispatcher, whole: what it has opened and how that hangs together.
final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final AdminServer adminServer;

    /// @throws Failure when a topic is missing or the lane count differs
    static Dispatcher start(
            DispatcherSettings settings,
            KafkaFlags kafka,
            Supplier<Apps> apps,
            LaneLayout layout,
            Proof proof,
            Inbox inbox,
            Leases leases,
            AdminFlags flags,
            @Nullable Tracing tracing,
            Consumer<Throwable> fatal) {
        return new Dispatcher(
                settings, kafka, apps, layout, proof, inbox, leases, flags, tracing, fatal);
    }

    private Dispatcher(
            DispatcherSettings settings,
            KafkaFlags kafka,
            Supplier<Apps> apps,
            LaneLayout layout,
            Proof proof,
            Inbox inbox,
            Leases leases,
            AdminFlags flags,
            @Nullable Tracing tracing,
            Consumer<Throwable> fatal) {
        try {
            adminServer =
                    open(
                            settings, kafka, apps, layout, proof, inbox, leases, flags, tracing,
                            fatal);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    int adminPort() {
        return adminServer.port();
    }

    private AdminServer open(
            DispatcherSettings settings,
            KafkaFlags kafka,
            Supplier<Apps> apps,
            LaneLayout layout,
            Proof proof,
            Inbox inbox,
            Leases leases,
            AdminFlags flags,
            @Nullable Tracing tracing,
            Consumer<Throwable> fatal) {
        var registry = Metrics.registry();
        var counters = new Counters<>(DispatcherCounter.class, registry);
        var clock = InstantSource.system();
        var admin = opened(Admin.create(kafka.admin(settings.id())));
        var topic = layout.of(TopicsCheck.of(admin, kafka.eventsTopic()));
        TopicsCheck.warnOfShortRetention(admin, topic.name(), apps.get());
        TopicGuard.checkLaneCount(leases, topic);
        var group = new Group(admin, settings.group(), topic.name());
        if (settings.groupProtocol() == DispatcherSettings.GroupProtocol.CONSUMER) {
            group.askForShortSession();
        }

        var writer =
                opened(
                        new LogWriter(
                                        () ->
                                                new KafkaProducer<>(
                                                        with(
                                                                kafka.producer(
                                                                        settings.id() + "-log"),
                                                                LogWriter.SETTINGS)),
                                        counters,
                                        LogWriter.PATIENCE)
                                .start());
        var hints =
                opened(
                        new EdgeHints(
                                new KafkaProducer<>(
                                        with(
                                                kafka.producer(settings.id() + "-hints"),
                                                EdgeHints.SETTINGS)),
                                counters,
                                registry));
        var reader =
                opened(
                        new KafkaReader(
                                topic.name(),
                                admin,
                                () ->
                                        new KafkaConsumer<>(
                                                with(
                                                        kafka.consumer(settings.id() + "-reader"),
                                                        KafkaReader.SETTINGS))));
        var consumer =
                new KafkaConsumer<byte[], byte[]>(
                        with(kafka.consumer(settings.id()), Group.consumer(settings)));
        var door = new Turnstile(consumer::wakeup);
        var guard = new TopicGuard(admin, leases, topic, door, clock, fatal);
        var edges = new EdgesAlive(leases, door, clock, hints::expect);
        var meters =
                new Meters(
                        registry, tracing == null ? null : new BatchTraces(tracing, topic.name()));
        var watch =
                new LaneWatch(
                        reader::ends,
                        lane -> next(consumer, topic, lane.partition()),
                        door,
                        clock,
                        registry);
        PollLoop.Lanes lanes =
                (partition, source, commits) ->
                        new Lane(
                                new Router(topic, partition, proof),
                                apps,
                                settings.lane(),
                                new Ports(
                                        inbox, writer, hints, writer, commits, reader, source,
                                        edges, door),
                                counters,
                                clock,
                                RandomGenerator.getDefault(),
                                meters);
        var loop =
                opened(
                        new PollLoop(
                                consumer,
                                topic.name(),
                                topic.partitions(),
                                door,
                                lanes,
                                running -> {
                                    edges.tick();
                                    guard.tick();
                                    watch.tick(running);
                                },
                                // A lane begins only on the topic that this process was made for.
                                lane -> guard.sameTopic().thenCompose(_ -> group.committed(lane)),
                                counters,
                                fatal));
        var health = new Health();
        health.check(
                "group",
                () ->
                        loop.hasJoined()
                                ? Health.State.ok()
                                : Health.State.failing("not joined yet"));
        health.check("kafka", () -> state(kafkaTrouble(loop, watch)));
        health.check(
                "writer",
                () ->
                        writer.isStuck()
                                ? Health.State.failing("Kafka takes no records")
                                : Health.State.ok());
        health.check("lanes", () -> state(laneTrouble(loop, watch)));
        var server =
                opened(
                        new AdminServer(
                                flags.host(),
                                flags.adminPort(),
                                flags.token(),
                                health,
                                registry,
                                _ -> {}));
        gauges(registry, topic, loop, watch, writer, edges);
        loop.start();
        return server;
    }

    private static Health.State state(@Nullable String trouble) {
        return trouble == null ? Health.State.ok() : Health.State.failing(trouble);
    }

    private static @Nullable String kafkaTrouble(PollLoop loop, LaneWatch watch) {
        var trouble = loop.trouble();
        if (trouble != null) {
            return trouble;
        }
        var silence = watch.silence();
        return silence.compareTo(Canary.LIMIT) < 0
                ? null
                : "no answer for %d s".formatted(silence.toSeconds());
    }

    private static @Nullable String laneTrouble(PollLoop loop, LaneWatch watch) {
        for (var lane : loop.lanes()) {
            var trouble = lane.trouble();
            if (trouble != null) {
                return "lane " + lane.id() + ": " + trouble;
            }
        }
        return watch.trouble();
    }

    private static void gauges(
            PrometheusMeterRegistry registry,
            EventsTopic topic,
            PollLoop loop,
            LaneWatch watch,
            LogWriter writer,
            EdgesAlive edges) {
        Gauge.builder("switchboard.writer.waiting", writer, LogWriter::waiting)
                .description("Records that Kafka has not acknowledged yet.")
                .register(registry);
        Gauge.builder("switchboard.lanes", loop, it -> it.lanes().size())
                .description("Lanes of this process.")
                .register(registry);
        Gauge.builder("switchboard.topic.lanes", topic, EventsTopic::partitions)
                .description("Lanes of the events topic: each must have an owner.")
                .register(registry);
        Gauge.builder("switchboard.lanes.troubled", loop, it -> troubled(it, watch))
                .description("Lanes of this process that do not do their work just now.")
                .register(registry);
        Gauge.builder("switchboard.edges", edges, EdgesAlive::count)
                .description("Edge nodes that held a lease when this process last looked.")
                .register(registry);
    }

    private static long troubled(PollLoop loop, LaneWatch watch) {
        long held = loop.lanes().stream().filter(each -> each.trouble() != null).count();
        return held + watch.stuck();
    }

    /// Does not wait: a position that is not known just now is not worth a pause of all lanes.
    private static long next(
            org.apache.kafka.clients.consumer.Consumer<?, ?> consumer,
            EventsTopic topic,
            int partition) {
        try {
            return consumer.position(new TopicPartition(topic.name(), partition), Duration.ZERO);
        } catch (KafkaException | IllegalStateException _) {
            return -1;
        }
    }

    private static Map<String, Object> with(Map<String, Object> base, Map<String, Object> more) {
        var settings = new HashMap<>(base);
        settings.putAll(more);
        return settings;
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("Something did not close");
            }
        }
    }
}
