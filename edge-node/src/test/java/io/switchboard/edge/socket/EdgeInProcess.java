package io.switchboard.edge.socket;

import io.switchboard.edge.delivery.Delivery;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.DeliverySettings;
import io.switchboard.edge.delivery.DeliveryThread;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.edge.delivery.Lane;
import io.switchboard.edge.delivery.Lanes;
import io.switchboard.inbox.InMemoryInbox;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.TlsFiles;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/// A real server and a real delivery thread over an inbox in memory; what a dispatcher would hint
/// is put through the door.
final class EdgeInProcess implements AutoCloseable {
    static final String TAG = "tag";
    static final int LANES = 4;

    final InMemoryInbox inbox = new InMemoryInbox(Clock.systemUTC(), new Random(1));
    final Lanes lanes = new Lanes(TAG, LANES);
    final List<Lane> lane = new ArrayList<>();
    final DeliveryDoor door = new DeliveryDoor(EdgeMeters.NONE);
    final AtomicBoolean closed = new AtomicBoolean();
    final AtomicReference<Throwable> fatal = new AtomicReference<>();
    final List<String> published = java.util.Collections.synchronizedList(new ArrayList<>());
    final DeliveryThread delivery;
    final EdgeServer server;

    EdgeInProcess() {
        this(SocketSettings.DEFAULTS);
    }

    EdgeInProcess(SocketSettings settings) {
        this(settings, null);
    }

    EdgeInProcess(SocketSettings settings, TlsFiles tls) {
        for (int i = 0; i < LANES; i++) {
            lane.add(new Lane(new LaneId(TAG, i), inbox).begin());
        }
        var core =
                new Delivery(
                        new EdgeRef("edge", 1),
                        lanes,
                        inbox,
                        door,
                        Clock.systemUTC(),
                        new Random(2),
                        DeliverySettings.DEFAULTS,
                        EdgeMeters.NONE,
                        (_, _) -> {});
        var front =
                new Front(
                        settings,
                        door,
                        EdgeInProcess::verify,
                        EdgeInProcess::apps,
                        new Refusals(),
                        (from, id, data, then) -> {
                            published.add(from + " " + id + " " + data);
                            then.accept(true);
                        },
                        closed::get,
                        EdgeMeters.NONE,
                        Clock.systemUTC());
        server = new EdgeServer(front, StaticFiles.load(), "127.0.0.1", 0, tls);
        delivery = new DeliveryThread(core, door, server::endTurn, fatal::set).start();
    }

    /// Tokens are `<uuid>` or `<uuid>:<role>`.
    private static Verdict verify(String token) {
        if (token.isEmpty() || token.startsWith("bad")) {
            return new Verdict.Refused(CloseCode.BAD_TOKEN, "bad");
        }
        if (token.equals("expired")) {
            return new Verdict.Refused(CloseCode.TOKEN_EXPIRED, "expired");
        }
        var parts = token.split(":", -1);
        return new Verdict.Verified(
                new Address.Agent("desk", parts[0]),
                parts.length > 1 ? Set.of(parts[1]) : Set.of(),
                null);
    }

    private static Apps apps() {
        return new Apps(
                Map.of(
                        "desk",
                        new Apps.App(
                                "desk",
                                Apps.Status.ACTIVE,
                                Set.of("first"),
                                List.of(),
                                Map.of(),
                                null,
                                Set.of("https://desk.example"))),
                Map.of());
    }

    void send(Address to, String text) {
        send(to, text, Long.MAX_VALUE);
    }

    void sendExpired(Address to) {
        send(to, "expired", 1);
    }

    private void send(Address to, String text, long expiry) {
        for (var told : lane.get(to.partition(LANES)).store(to, text, expiry, 1000)) {
            door.tell(it -> it.onHint(told.hint(), System.currentTimeMillis()));
        }
    }

    URI url(String scheme, String path) {
        return URI.create(scheme + "://127.0.0.1:" + server.port() + path);
    }

    @Override
    public void close() {
        server.close();
        delivery.close();
        if (fatal.get() != null) {
            throw new AssertionError("the delivery thread ended", fatal.get());
        }
    }
}
