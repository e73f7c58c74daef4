package io.switchboard.edge;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.switchboard.edge.delivery.Delivery;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.DeliveryThread;
import io.switchboard.edge.delivery.Lanes;
import io.switchboard.edge.socket.EdgeServer;
import io.switchboard.edge.socket.Front;
import io.switchboard.edge.socket.Refusals;
import io.switchboard.edge.socket.StaticFiles;
import io.switchboard.inbox.EdgeNotice;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.AgentTokens;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.AppsFile;
import io.switchboard.runtime.ControlFeed;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.Health;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Lifecycle;
import io.switchboard.runtime.TlsFiles;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.EdgeRef;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of an edge node, put together in the order in which they must be there.
///
/// Thread-safe.
final class EdgeNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeNode.class);
    private static final String BLOCK = "block:";

    /// A process begins without knowing who is blocked, rather than not at all.
    private static final Duration CONTROL_WAIT = Duration.ofSeconds(10);

    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final Duration DRAIN_WAIT = Duration.ofSeconds(3);
    private static final Duration GOODBYE = Duration.ofMillis(300);

    private final EdgeSettings settings;
    private final Lifecycle lifecycle;
    private final InstantSource clock = Clock.systemUTC();
    private final Refusals refusals = new Refusals();
    private final DeliveryDoor door;
    private final DeliveryThread delivery;
    private final LeaseKeeper lease;

    /// With which this process began; leases come and go under it.
    private final EdgeRef first;

    private final TopicWatch topics;
    private final EdgeServer server;
    private final DataPath path;
    private volatile boolean draining;

    /// @param tls null: browsers come without it, as behind a proxy that speaks it
    /// @param lifecycle closes what is opened here, the server first
    EdgeNode(
            EdgeSettings settings,
            @Nullable TlsFiles tls,
            KafkaFlags kafka,
            Inbox inbox,
            Leases leases,
            AppsFile apps,
            Meters meters,
            Lifecycle lifecycle) {
        this.settings = settings;
        this.lifecycle = lifecycle;
        this.door = new DeliveryDoor(meters);
        var clientId = "switchboard-edge-" + settings.id();
        var admin = lifecycle.open(Admin.create(kafka.admin(clientId)));
        var events = EventsTopic.resolve(admin, kafka.eventsTopic());
        var upstream = lifecycle.open(new Upstream(kafka.producer(clientId), clock));
        var reader =
                lifecycle.open(
                        new HintReader(
                                        kafka.consumer(clientId + "-hints"),
                                        door,
                                        meters,
                                        lifecycle::fatal)
                                .start());
        this.lease =
                lifecycle.open(
                        new LeaseKeeper(
                                        settings.id(),
                                        settings.leaseTtl(),
                                        leases,
                                        admin,
                                        reader,
                                        door,
                                        meters,
                                        this::onUsurped,
                                        lifecycle::fatal)
                                .start());
        this.first = lease.edge();
        var presence = new PresenceTopic(upstream, first, clock);
        var core =
                new Delivery(
                        first,
                        new Lanes(events.tag(), events.partitions()),
                        inbox,
                        door,
                        clock,
                        new SplittableRandom(),
                        settings.delivery(),
                        meters,
                        presence);
        var tokens = lifecycle.open(new AgentTokens(apps::current, clock));
        var listening = new AtomicReference<EdgeServer>();
        this.delivery =
                lifecycle.open(
                        new DeliveryThread(
                                core,
                                door,
                                () -> {
                                    var it = listening.get();
                                    if (it != null) {
                                        it.endTurn();
                                    }
                                },
                                lifecycle::fatal));
        var front =
                new Front(
                        settings.sockets(),
                        door,
                        tokens::verify,
                        apps::current,
                        refusals,
                        upstream,
                        this::refusesNewcomers,
                        meters,
                        clock);
        this.topics = lifecycle.open(new TopicWatch(admin, events, door, lease));
        hearWhatWasSaid(
                lifecycle.open(
                        new ControlFeed(kafka.consumer(clientId + "-control"), this::onControl)));
        presence.begin();
        this.server =
                lifecycle.open(
                        new EdgeServer(
                                front, StaticFiles.load(), settings.host(), settings.port(), tls));
        listening.set(server);
        delivery.start();
        this.path =
                lifecycle.open(
                        new DataPath(
                                settings.id(),
                                kafka.eventsTopic(),
                                topics::lanes,
                                upstream,
                                door,
                                meters,
                                clock));
        path.start();
        topics.start();
        apps.onChange(this::onApps);
    }

    /// Before the first browser: whoever is blocked is kept out from the start, and every kick from
    /// now on is of somebody who may be here.
    private static void hearWhatWasSaid(ControlFeed feed) {
        try {
            if (!feed.start().awaitCaughtUp(CONTROL_WAIT)) {
                LOG.atWarn().log("Who is blocked is not known yet: the control topic was not read");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while reading the control topic", e);
        }
    }

    int port() {
        return server.port();
    }

    /// The lease says from now on where browsers connect and where we are asked.
    void announce(int adminPort) {
        var url = settings.urlAt(server.port());
        var admin = settings.adminUrlAt(adminPort);
        lease.announce(
                () -> new EdgeNotice(url, admin, server.connections(), draining, delivery.lanes()));
    }

    EdgeLookups lookups() {
        return new EdgeLookups(id(), server, door);
    }

    void addChecks(Health health) {
        health.check(
                "lease",
                () ->
                        lease.sinceHeld().compareTo(settings.leaseTtl()) < 0
                                ? Health.State.ok()
                                : Health.State.failing(
                                        "not refreshed for %d s"
                                                .formatted(lease.sinceHeld().toSeconds())));
        health.check(
                "delivery",
                () ->
                        delivery.silence().compareTo(SILENCE) < 0
                                ? Health.State.ok()
                                : Health.State.failing(
                                        "no turn finished for " + delivery.silence()));
        health.check(
                "inbox",
                () ->
                        isInboxAway()
                                ? Health.State.failing("Redis does not answer")
                                : Health.State.ok());
        health.check("path", path::state);
        health.check(
                "drain", () -> draining ? Health.State.failing("draining") : Health.State.ok());
    }

    void addGauges(MeterRegistry registry) {
        gauge(registry, "connections", "Open connections.", server::connections);
        gauge(
                registry,
                "connections.limit",
                "More are refused.",
                settings.sockets()::maxConnections);
        gauge(
                registry,
                "connections.attached",
                "Connections that said who they are.",
                delivery::connections);
        gauge(registry, "queued.bytes", "On their way to sockets.", server::queuedBytes);
        gauge(
                registry,
                "queued.bytes.limit",
                "Above, a connection has one frame under way at a time.",
                settings.sockets()::maxQueuedBytes);
        gauge(registry, "door.waiting", "Waits for the delivery thread.", door::waiting);
        gauge(
                registry,
                "lease.age.seconds",
                "Since the lease was last taken or refreshed.",
                () -> lease.sinceHeld().toMillis() / 1_000.0);
        gauge(
                registry,
                "canary.age.seconds",
                "Since a canary last came; since the start before the first.",
                () -> path.silence().toMillis() / 1_000.0);
    }

    private static void gauge(
            MeterRegistry registry, String name, String help, Supplier<Number> value) {
        Gauge.builder("switchboard." + name, value).description(help).register(registry);
    }

    String id() {
        return settings.id();
    }

    private boolean isInboxAway() {
        return lease.isAway() || delivery.isInboxAway();
    }

    private boolean refusesNewcomers() {
        return draining || isInboxAway();
    }

    // --- what operators and files say

    private void onControl(ControlCommand.Read read, boolean anew) {
        topics.layout().hear(read);
        switch (read.command()) {
            case null -> onTakenBack(read.key());
            case ControlCommand.Block(var app, _) -> onBlock(app);
            case ControlCommand.Kick(var agent, _) -> {
                if (anew) {
                    onKick(agent);
                }
            }
            case ControlCommand.Lanes _ -> {}
            case ControlCommand.Drain(var edge, var incarnation, _) -> {
                boolean isMeant = incarnation == null ? anew : first.incarnation() <= incarnation;
                if (edge.equals(id()) && isMeant) {
                    onDrain();
                }
            }
        }
    }

    private void onTakenBack(String key) {
        if (key.startsWith(BLOCK)) {
            onUnblock(key.substring(BLOCK.length()));
        }
    }

    void onBlock(String app) {
        refusals.block(app);
        door.tell(
                it ->
                        it.closeWhere(
                                agent -> agent.app().equals(app) ? CloseCode.APP_BLOCKED : null));
    }

    void onUnblock(String app) {
        refusals.unblock(app);
    }

    void onKick(Address.Agent agent) {
        door.tell(it -> it.kick(agent));
    }

    /// An operator wants this process to end.
    void onDrain() {
        LOG.atInfo().addKeyValue("edge", lease.edge()).log("Asked to drain");
        lifecycle.stop();
    }

    private void onApps(Apps apps) {
        door.tell(
                it -> {
                    it.closeWhere(
                            agent -> {
                                var app = apps.app(agent.app());
                                return app == null || !app.active() ? CloseCode.APP_BLOCKED : null;
                            });
                    it.keepRoles(
                            name -> {
                                var app = apps.app(name);
                                return app == null ? Set.of() : app.roles();
                            });
                });
    }

    private void onUsurped(EdgeRef by) {
        LOG.atError()
                .addKeyValue("edge", lease.edge())
                .log("Another process has this id, as {}: this one ends", by);
        draining = true;
        door.tell(it -> it.closeWhere(_ -> CloseCode.LEASE_LOST));
        lifecycle.stop();
    }

    /// Drains: browsers are told to go elsewhere in slices, and what they acknowledged is sent.
    /// Then the rest is closed, by whoever opened it.
    @Override
    public void close() {
        draining = true;
        door.tell(Delivery::drain);
        var spread = settings.delivery().drainSpread().plus(settings.delivery().drainGrace());
        long deadline = System.nanoTime() + spread.plus(DRAIN_WAIT).toNanos();
        try {
            while (!delivery.isDrained() && System.nanoTime() < deadline) {
                Thread.sleep(Duration.ofMillis(20));
            }
            Thread.sleep(GOODBYE); // the last close frames are on their way
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
