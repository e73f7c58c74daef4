package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.ServerFrames;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One browser tab or device that said who it is. It holds a state and decides; what it may be
/// told is each [Listener]'s to know.
///
/// Owned by the delivery thread; [#id] and [#agent] may be read by all.
public final class Connection {
    /// Until a PONG comes an old client is not asked again, but for this long.
    private static final long PING_AGAIN_MILLIS = 10_000;

    /// An ack of everything: the inbox lowers it to what it has.
    private static final long ALL = Long.MAX_VALUE;

    private final String id;
    private final Address.Agent agent;
    private final boolean canary;
    private final Link link;
    private final Delivery delivery;
    private final ArrayList<Listener> listeners = new ArrayList<>(3);
    private final long sinceMillis;
    private Set<String> roles;
    private Map<String, Position> positions;
    private ConnectionState state;
    private long expiryMillis;

    /// False for an old client until its first ACK: its PONGs acknowledge.
    private boolean acknowledges;

    /// It comes online when all its addresses have answered; else, when its own has.
    private final boolean together;

    /// Its own inbox has answered, and it listens to its other addresses too.
    private boolean attached;

    private long unread;
    private boolean unproven;
    private long pings;
    private long pingedMillis;

    /// Its place in the round of visits; -1 when it is closed.
    int slot = -1;

    Connection(Hello hello, Link link, Delivery delivery) {
        this.id = hello.connection();
        this.agent = hello.agent();
        this.roles = Set.copyOf(hello.roles());
        this.positions = hello.positions();
        this.acknowledges = hello.acknowledges();
        this.together = hello.together();
        this.canary = Canary.owns(agent);
        this.link = link;
        this.delivery = delivery;
        this.sinceMillis = delivery.nowMillis();
        this.state = new ConnectionState.Attaching(sinceMillis);
        this.expiryMillis = millis(hello.expiry());
    }

    public String id() {
        return id;
    }

    public Address.Agent agent() {
        return agent;
    }

    /// Where it stands, as `agent=<pos>;role:x=<pos>;app=<pos>`: what an SSE frame's `id` carries.
    public String positions() {
        var text = new StringJoiner(";");
        for (var each : listeners) {
            if (each.last() != Listener.UNKNOWN && each.isWhereItStands()) {
                text.add(each.feed.address().feed() + "=" + each.position());
            }
        }
        return text.toString();
    }

    /// How it is now, for people.
    ConnectionView view() {
        var at = new TreeMap<String, Position>();
        for (var each : listeners) {
            if (!each.isWhereItStands()) {
                continue;
            }
            at.put(each.feed.address().feed(), each.position());
        }
        return new ConnectionView(
                id,
                Instant.ofEpochMilli(sinceMillis),
                switch (state) {
                    case ConnectionState.Attaching _ -> "attaching";
                    case ConnectionState.Live _ -> "live";
                    case ConnectionState.Lagging _ -> "lagging";
                    case ConnectionState.Draining _ -> "draining";
                    case ConnectionState.Closed _ -> "closed";
                },
                at);
    }

    long nowMillis() {
        return delivery.nowMillis();
    }

    boolean isCanary() {
        return canary;
    }

    boolean isClosed() {
        return state instanceof ConnectionState.Closed;
    }

    boolean isAttaching() {
        return state instanceof ConnectionState.Attaching;
    }

    boolean isDraining() {
        return state instanceof ConnectionState.Draining;
    }

    /// Whether hints are judged now, or forgotten. One that drains is not waited for: as long as it
    /// takes nothing, reading for it would never end.
    boolean isCaughtUp() {
        return state instanceof ConnectionState.Live || (isDraining() && link.writable());
    }

    // --- its addresses

    void attach() {
        listen(agent);
    }

    /// The first answer of its own inbox, in all lanes that it lies in: ONLINE is written before
    /// any event; the other addresses follow.
    void onAttached(Listener answered, long unreadThere) {
        if (attached || !isAttaching() || !answered.answers()) {
            return;
        }
        unread += unreadThere;
        if (!listeners.stream().allMatch(Listener::isAnswered)) {
            return;
        }
        attached = true;
        if (!together) {
            goOnline();
        }
        for (var role : roles) {
            listen(new Address.Role(agent.app(), role));
        }
        if (!isCanary()) {
            listen(new Address.App(agent.app()));
        }
        positions = Map.of();
    }

    /// One of its inboxes was looked at to its end, or needs not be looked at any more.
    void onLooked() {
        if (attached && isAttaching() && listeners.stream().allMatch(Listener::looked)) {
            goOnline();
        }
    }

    private void goOnline() {
        if (!(state instanceof ConnectionState.Attaching attaching)) {
            return;
        }
        state = attaching.toLive();
        link.online(
                new Link.Online(
                        id,
                        agent,
                        String.join(",", roles.stream().sorted().toList()),
                        unread,
                        delivery.settings().heartbeat().toSeconds()),
                listeners.stream().filter(Listener::isOldest).toList());
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).onWritable();
        }
    }

    /// In each lane that holds something for the address. A position says that everything before
    /// its lane was there, and that nothing behind it was.
    private void listen(Address address) {
        var lanes =
                isCanary() ? List.of(delivery.lanes().of(address)) : delivery.lanes().all(address);
        var from = positions.get(address.feed());
        int first = from == null ? -1 : lanes.indexOf(from.lane());
        Listener before = null;
        for (int i = Math.max(0, first); i < lanes.size(); i++) {
            var lane = lanes.get(i);
            var start = first >= 0 && i > first ? lane.position(-1) : before == null ? from : null;
            before = listen(address, lane, start, before);
        }
    }

    private Listener listen(
            Address address, LaneId lane, @Nullable Position from, @Nullable Listener before) {
        var feed = delivery.shard(lane).feedOf(address);
        var listener = new Listener(this, feed, from, before);
        listeners.add(listener);
        feed.add(listener);
        listener.read();
        return listener;
    }

    /// What is written from now on may lie in a lane that was not there before.
    void listenToMoreLanes() {
        for (var each : List.copyOf(listeners)) {
            var now = delivery.lanes().of(each.feed.address());
            if (each.isNewest() && !now.equals(each.feed.lane())) {
                listen(each.feed.address(), now, now.position(-1), each);
            }
        }
    }

    /// A newer token: other roles move its addresses.
    void refresh(Set<String> now, @Nullable Instant expiry) {
        expiryMillis = millis(expiry);
        var before = roles;
        roles = Set.copyOf(now);
        if (!attached) {
            return; // the roles are listened to once its own inbox has answered
        }
        keepRoles(now);
        for (var role : now) {
            if (!before.contains(role)) {
                listen(new Address.Role(agent.app(), role));
            }
        }
    }

    /// Leaves the roles that are not among these.
    void keepRoles(Set<String> allowed) {
        roles = Set.copyOf(roles.stream().filter(allowed::contains).toList());
        for (var each : List.copyOf(listeners)) {
            if (each.feed.address() instanceof Address.Role role
                    && !allowed.contains(role.role())) {
                listeners.remove(each);
                each.feed.remove(each);
                if (!isAttaching() && each.isNewest()) {
                    link.left(role);
                }
            }
        }
        onLooked();
    }

    /// The events topic is another one: every position is of a former life.
    void moveToNewLanes() {
        var old = List.copyOf(listeners);
        listeners.clear();
        for (var each : old) {
            each.feed.remove(each);
            if (!each.isNewest()) {
                continue;
            }
            var address = each.feed.address();
            positions = Map.of(address.feed(), each.position());
            listen(address);
        }
        positions = Map.of();
    }

    // --- writing

    /// Whether the link takes more. If not, the connection lags from now on.
    boolean mayWrite() {
        if (link.writable()) {
            return true;
        }
        if (state instanceof ConnectionState.Live live) {
            state = live.toLagging(nowMillis());
            delivery.meters().increment(EdgeCounter.CONNECTIONS_LAGGED);
        }
        return false;
    }

    /// What follows for the address lies in another lane.
    void goesOnIn(Listener listener) {
        link.left(listener.feed.address());
        link.joined(listener);
    }

    void joined(Listener listener) {
        link.joined(listener);
    }

    void event(byte[] frame, Listener at, long sentMillis) {
        unproven = !acknowledges;
        if (!isCanary()) {
            delivery.countWritten();
        }
        link.event(frame, at, sentMillis);
    }

    void acknowledgedAfter(long millis) {
        delivery.meters().writtenToAcknowledged(millis);
    }

    void lost(ServerFrames.Lost lost, Listener at) {
        unproven = !acknowledges;
        delivery.meters().increment(EdgeCounter.LOST_WRITTEN);
        link.lost(lost, at);
    }

    void onWritable() {
        if (state instanceof ConnectionState.Lagging lagging && link.writable()) {
            state = lagging.toLive();
            for (int i = 0; i < listeners.size(); i++) {
                listeners.get(i).onWritable();
            }
        }
    }

    // --- acknowledgement

    void onAck(Map<String, Position> acks) {
        acknowledges = true;
        unproven = false;
        for (var each : listeners) {
            var position = acks.get(each.feed.address().feed());
            if (position != null && each.feed.lane().holds(position)) {
                each.acknowledge(position.offset());
            }
        }
    }

    /// The listener is the oldest of its row, and something in its lane is acknowledged.
    void settleLanesBefore(Listener listener) {
        var address = listener.feed.address();
        for (var lane : delivery.lanes().all(address)) {
            if (lane.equals(listener.feed.lane())) {
                return;
            }
            delivery.shard(lane).acks().add(address, listener.feed.agentOf(listener), ALL);
        }
    }

    void onPong(long number) {
        if (acknowledges || number != pings) {
            return;
        }
        pingedMillis = 0;
        listeners.forEach(Listener::onPong);
    }

    private void ping() {
        unproven = false;
        pingedMillis = nowMillis();
        listeners.forEach(Listener::onPing);
        link.ping(++pings);
    }

    // --- time

    /// About once a second. Whatever a connection waits for has its end here.
    void visit(long nowMillis) {
        if (expiryMillis <= nowMillis) {
            delivery.close(this, CloseCode.TOKEN_EXPIRED);
            return;
        }
        var settings = delivery.settings();
        switch (state) {
            case ConnectionState.Attaching(var since) -> {
                if (nowMillis - since >= settings.attachTimeout().toMillis()) {
                    delivery.close(this, CloseCode.INBOX_AWAY);
                }
            }
            case ConnectionState.Lagging(var since) -> {
                onWritable();
                if (!isCaughtUp() && nowMillis - since >= settings.stallTimeout().toMillis()) {
                    delivery.close(this, CloseCode.STALLED);
                }
            }
            case ConnectionState.Draining(var until) -> {
                if (until <= nowMillis) {
                    delivery.close(this, CloseCode.GO_AWAY);
                }
            }
            case ConnectionState.Live _, ConnectionState.Closed _ -> {}
        }
        if (unproven && (pingedMillis == 0 || nowMillis - pingedMillis >= PING_AGAIN_MILLIS)) {
            ping();
        }
    }

    /// Tells it to go, and when it should be back elsewhere.
    void goAway(long reconnectInMillis, long untilMillis) {
        state = new ConnectionState.Draining(untilMillis);
        link.goAway(reconnectInMillis);
    }

    void close(CloseCode code) {
        link.close(code);
        onClosed();
    }

    void onClosed() {
        state = ConnectionState.Closed.CLOSED;
        for (var each : listeners) {
            each.feed.remove(each);
        }
        listeners.clear();
    }

    private static long millis(@Nullable Instant expiry) {
        return expiry == null ? Long.MAX_VALUE : expiry.toEpochMilli();
    }
}
