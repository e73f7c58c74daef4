package io.switchboard.edge.delivery;

import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The edge node without threads and sockets: connections and hints go in, frames come out of
/// their [Link]s, in order and without a silent hole.
///
/// Whoever owns it calls [#tick] about twenty times a second, and runs what it gives to `home`.
///
/// Owned by the delivery thread.
public final class Delivery {
    /// Every connection is visited once in so many ticks.
    private static final int TICKS_A_ROUND = 20;

    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final Inbox inbox;
    private final Executor home;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final DeliverySettings settings;
    private final EdgeMeters meters;
    private final Presence presence;
    private final ArrayList<Connection> connections = new ArrayList<>();
    private Lanes lanes;
    private Shard[] shards;
    private EdgeRef edge;
    private @Nullable Drain drain;

    /// Hears canaries; beside the others, since it is not counted, closed or drained with them.
    private @Nullable Connection canary;

    private long registrations;
    private int round;
    private long failureLoggedMillis;

    /// Since the last tick: counters that other threads read would cost each event what it costs.
    private long hinted;

    private long written;

    /// @param home runs what it is given on the owner's thread, in order, not at once
    public Delivery(
            EdgeRef edge,
            Lanes lanes,
            Inbox inbox,
            Executor home,
            InstantSource clock,
            RandomGenerator random,
            DeliverySettings settings,
            EdgeMeters meters,
            Presence presence) {
        this.edge = edge;
        this.lanes = lanes;
        this.inbox = inbox;
        this.home = home;
        this.clock = clock;
        this.random = random;
        this.settings = settings;
        this.meters = meters;
        this.presence = presence;
        this.shards = shards();
    }

    /// Checks are spread over their period, so that Redis is asked evenly.
    ///
    /// @param kept the first of them, that are there already
    private Shard[] shards(Shard... kept) {
        var made = Arrays.copyOf(kept, lanes.count());
        for (int i = kept.length; i < made.length; i++) {
            long due = settings.checkEvery().toMillis() * (i + 1) / made.length;
            made[i] = new Shard(new LaneId(lanes.tag(), i), this, nowMillis() + due);
        }
        return made;
    }

    // --- connections

    /// A browser whose token is good.
    public void connect(Hello hello, Link link) {
        if (drain != null) {
            link.close(CloseCode.GO_AWAY);
            return;
        }
        if (connectionsOf(hello.agent()).size() >= settings.connectionsPerAgent()) {
            meters.increment(EdgeCounter.CONNECTIONS_REFUSED_AGENT);
            link.close(CloseCode.TOO_MANY_CONNECTIONS);
            return;
        }
        var connection = new Connection(hello, link, this);
        link.bind(connection);
        connection.slot = connections.size();
        connections.add(connection);
        connection.attach();
    }

    /// Hears what comes to that address, for as long as this edge node serves.
    public void listenForCanaries(Address.Agent address, Link link) {
        canary =
                new Connection(
                        new Hello("canary", address, Set.of(), null, true, false, Map.of()),
                        link,
                        this);
        link.bind(canary);
        canary.attach();
    }

    public void onAck(Link link, Map<String, Position> positions) {
        var connection = link.bound();
        if (connection != null) {
            connection.onAck(positions);
        }
    }

    public void onPong(Link link, long number) {
        var connection = link.bound();
        if (connection != null) {
            connection.onPong(number);
        }
    }

    public void onWritable(Link link) {
        var connection = link.bound();
        if (connection != null) {
            connection.onWritable();
        }
    }

    /// A newer token came, and is good.
    public void onRefresh(
            Link link, Address.Agent agent, Set<String> roles, @Nullable Instant expiry) {
        var connection = link.bound();
        if (connection == null || connection.isClosed()) {
            return;
        }
        if (agent.equals(connection.agent())) {
            connection.refresh(roles, expiry);
        } else {
            close(connection, CloseCode.WRONG_AGENT);
        }
    }

    /// The link has gone by itself.
    public void onClosed(Link link) {
        var connection = link.bound();
        if (connection != null && remove(connection)) {
            connection.onClosed();
        }
    }

    public void close(Connection connection, CloseCode code) {
        if (remove(connection)) {
            meters.increment(EdgeCounter.CONNECTIONS_CLOSED_BY_US);
            LOG.atInfo()
                    .addKeyValue("connection", connection.id())
                    .addKeyValue("agent", connection.agent())
                    .addKeyValue("closeCode", code.code())
                    .log("Closing: {}", code.reason());
            connection.close(code);
        }
    }

    private boolean remove(Connection connection) {
        int slot = connection.slot;
        if (slot < 0) {
            return false;
        }
        var moved = connections.removeLast();
        if (slot < connections.size()) {
            connections.set(slot, moved);
            moved.slot = slot;
        }
        connection.slot = -1;
        return true;
    }

    /// Closes the agent's connections.
    public void kick(Address.Agent agent) {
        connectionsOf(agent).forEach(each -> close(each, CloseCode.KICKED));
    }

    /// How the agent's connections are, the oldest first.
    public List<ConnectionView> views(Address.Agent agent) {
        return connectionsOf(agent).stream()
                .map(Connection::view)
                .sorted(Comparator.comparing(ConnectionView::since))
                .toList();
    }

    private List<Connection> connectionsOf(Address.Agent agent) {
        var feed = shardOf(agent).feed(agent);
        return feed == null
                ? List.of()
                : feed.listeners().stream().map(each -> each.connection).toList();
    }

    /// Closes every connection for which there is a reason.
    public void closeWhere(Function<Address.Agent, @Nullable CloseCode> reason) {
        for (var each : List.copyOf(connections)) {
            var code = reason.apply(each.agent());
            if (code != null) {
                close(each, code);
            }
        }
    }

    /// An app has only these roles now.
    public void keepRoles(Function<String, Set<String>> rolesOfApp) {
        connections.forEach(each -> each.keepRoles(rolesOfApp.apply(each.agent().app())));
    }

    public int connections() {
        return connections.size();
    }

    /// Addresses whose registration the inbox has confirmed.
    public int registeredAddresses() {
        int count = 0;
        for (var shard : shards) {
            for (var each : shard.feeds()) {
                count += each.registered() ? 1 : 0;
            }
        }
        return count;
    }

    // --- hints

    /// @param sentMillis the hint's own timestamp
    public void onHint(Hint hint, long sentMillis) {
        hinted++;
        var lane = hint.lane();
        if (lane.partition() >= shards.length || !lane.tag().equals(lanes.tag())) {
            meters.increment(EdgeCounter.HINTS_OF_OTHER_LANES);
            return;
        }
        shards[lane.partition()].onHint(hint, sentMillis);
    }

    /// Hints may have been missed: everything is compared with the inboxes.
    public void onHintsMissed() {
        for (var each : shards) {
            each.checkAtOnce();
        }
    }

    // --- the edge itself

    /// The lease was lost and another incarnation taken: everything is registered again.
    public void onIncarnation(EdgeRef now) {
        edge = now;
        for (var each : shards) {
            each.registerAgain();
        }
    }

    /// The events topic has more lanes, or was deleted and created again.
    public void onLanes(Lanes now) {
        if (now.equals(lanes)) {
            return;
        }
        boolean grew = now.grewFrom(lanes);
        lanes = now;
        shards = grew ? shards(shards) : shards();
        var all = new ArrayList<>(connections);
        if (canary != null) {
            all.add(canary);
        }
        all.forEach(grew ? Connection::listenToMoreLanes : Connection::moveToNewLanes);
    }

    /// Tells the browsers, in slices, to go elsewhere; takes no new ones.
    public void drain() {
        if (drain == null) {
            drain = new Drain(nowMillis(), connections.size(), settings, random);
            if (canary != null) {
                canary.onClosed();
            }
        }
    }

    public boolean isDrained() {
        if (drain == null || !connections.isEmpty()) {
            return false;
        }
        for (var each : shards) {
            if (!each.isIdle()) {
                return false;
            }
        }
        return true;
    }

    /// Whether most shards do not answer: a new browser could not be attached.
    public boolean isInboxAway() {
        int away = 0;
        for (var each : shards) {
            away += each.isAway() ? 1 : 0;
        }
        return away * 2 >= shards.length;
    }

    /// What time brings.
    public void tick() {
        tellCounts();
        for (var each : shards) {
            each.tick();
        }
        long now = nowMillis();
        if (drain != null) {
            drain.tick(now, connections);
        }
        visitSome(now);
    }

    private void tellCounts() {
        if (hinted > 0) {
            meters.add(EdgeCounter.HINTS, hinted);
            hinted = 0;
        }
        if (written > 0) {
            meters.add(EdgeCounter.EVENTS_WRITTEN, written);
            written = 0;
        }
    }

    /// Acks go out with each tick; at once for who does not want to wait for it.
    void sendAcks() {
        for (var each : shards) {
            each.sendAcks();
        }
    }

    /// Backwards, since a visit may close a connection, and the last one takes its place.
    private void visitSome(long now) {
        round = (round + 1) % TICKS_A_ROUND;
        int last = connections.size() - 1;
        int first = last - Math.floorMod(last - round, TICKS_A_ROUND);
        for (int i = first; i >= 0; i -= TICKS_A_ROUND) {
            visit(i, now);
        }
    }

    /// Whoever takes the place of one that was closed is visited as well: else a crowd that must
    /// go would only be halved each second.
    private void visit(int place, long now) {
        while (place < connections.size()) {
            var each = connections.get(place);
            each.visit(now);
            if (each.slot == place) {
                return;
            }
        }
    }

    // --- for shards and connections

    Inbox inbox() {
        return inbox;
    }

    Executor home() {
        return home;
    }

    RandomGenerator random() {
        return random;
    }

    DeliverySettings settings() {
        return settings;
    }

    void countWritten() {
        written++;
    }

    EdgeMeters meters() {
        return meters;
    }

    Presence presence() {
        return presence;
    }

    EdgeRef edge() {
        return edge;
    }

    long nowMillis() {
        return clock.millis();
    }

    long nextRegistration() {
        return ++registrations;
    }

    /// Where what is written now for the address goes.
    Shard shardOf(Address address) {
        return shards[address.partition(shards.length)];
    }

    Lanes lanes() {
        return lanes;
    }

    Shard shard(LaneId lane) {
        return shards[lane.partition()];
    }

    /// One line a second at most: a thousand calls fail at once.
    void onInboxFailed(LaneId lane, Throwable error) {
        meters.increment(EdgeCounter.INBOX_FAILURES);
        long now = nowMillis();
        if (now - failureLoggedMillis >= 1_000) {
            failureLoggedMillis = now;
            LOG.atWarn()
                    .addKeyValue("lane", lane)
                    .log("The inbox did not answer: {}", error.toString());
        }
    }
}
