package io.switchboard.edge;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.switchboard.edge.delivery.Delivery;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.DeliverySettings;
import io.switchboard.edge.delivery.DeliveryThread;
import io.switchboard.edge.delivery.Lanes;
import io.switchboard.edge.socket.EdgeServer;
import io.switchboard.edge.socket.Front;
import io.switchboard.edge.socket.Refusals;
import io.switchboard.edge.socket.SocketSettings;
import io.switchboard.edge.socket.StaticFiles;
import io.switchboard.inbox.Append;
import io.switchboard.inbox.InMemoryInbox;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.InboxAway;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.runtime.AdminServer;
import io.switchboard.runtime.AgentTokens;
import io.switchboard.runtime.AppsFile;
import io.switchboard.runtime.ControlFeed;
import io.switchboard.runtime.Health;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Metrics;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;

/// What an edge node does in its first seconds, with nobody at the other ends: run once where an
/// image is built, so that the JVM keeps what it loaded and linked (`-XX:AOTCacheOutput`), and
/// every edge node from that image starts sooner. A browser comes, gets events and acknowledges
/// them over an inbox in memory; clients of Kafka and Redis are made and find nobody.
final class Rehearsal {
    private static final String NOBODY = "127.0.0.1:1";
    private static final Duration TRYING = Duration.ofMillis(700);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int EVENTS = 200;
    private static final String TOKEN = "a token that only the rehearsal knows";
    private static final LaneId LANE = new LaneId("lane", 0);
    private static final Address.Agent ADA = new Address.Agent("rehearsal", "ada");

    private Rehearsal() {}

    public static void main(String... args) throws Exception {
        var clock = Clock.systemUTC();
        var kafka = KafkaFlags.of(NOBODY, Topics.EVENTS);
        var registry = Metrics.registry();
        var meters = new Meters(registry, null);
        var door = new DeliveryDoor(meters);
        var upstream = new Upstream(kafka.producer("rehearsal"), clock);
        var reader =
                new HintReader(
                                kafka.consumer("rehearsal-hints"),
                                door,
                                meters,
                                Rehearsal::isNoMatter)
                        .start();
        reader.follow("rehearsal", 0);
        var control = new ControlFeed(kafka.consumer("rehearsal-control"), (_, _) -> {}).start();
        findNoRedis();
        try (var _ = Admin.create(kafka.admin("rehearsal"));
                var apps = AppsFile.open(apps());
                var tokens = new AgentTokens(apps::current, clock)) {
            var inbox = inbox(clock);
            var edge = new EdgeRef("rehearsal", 1);
            var core =
                    new Delivery(
                            edge,
                            new Lanes(LANE.tag(), 1),
                            inbox,
                            door,
                            clock,
                            new Random(),
                            DeliverySettings.DEFAULTS,
                            meters,
                            new PresenceTopic(upstream, edge, clock));
            var front =
                    new Front(
                            SocketSettings.DEFAULTS,
                            door,
                            tokens::verify,
                            apps::current,
                            new Refusals(),
                            upstream,
                            () -> false,
                            meters,
                            clock);
            serve(core, front, registry);
        } finally {
            control.close();
            reader.close();
            upstream.close();
        }
        System.exit(0);
    }

    private static void isNoMatter(Throwable thrown) {
        System.err.println("rehearsal: " + thrown);
    }

    private static void serve(Delivery core, Front front, PrometheusMeterRegistry registry)
            throws Exception {
        var server = new EdgeServer(front, StaticFiles.load(), "127.0.0.1", 0, null);
        var lookups = new EdgeLookups("rehearsal", server, front.door());
        try (server;
                var delivery =
                        new DeliveryThread(
                                        core, front.door(), server::endTurn, Rehearsal::isNoMatter)
                                .start();
                var admin =
                        new AdminServer(
                                "127.0.0.1",
                                0,
                                null,
                                new Health(),
                                registry,
                                routing -> EdgeLookups.routing(routing, () -> lookups))) {
            browse(server.port(), front.door());
            ask(admin.port(), "/ready");
            ask(admin.port(), "/metrics");
            ask(server.port(), "/desk/");
            Thread.sleep(TRYING);
            System.out.println("rehearsed, connections: " + delivery.connections());
        }
    }

    /// It gives up when it is interrupted.
    private static void findNoRedis() throws InterruptedException {
        var trying =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        RedisInbox.connect(List.of("redis://" + NOBODY)).close();
                                    } catch (InboxAway _) {
                                        // as meant
                                    }
                                });
        trying.join(TRYING);
        trying.interrupt();
        trying.join();
    }

    private static InMemoryInbox inbox(Clock clock) {
        var inbox = new InMemoryInbox(clock, new Random());
        inbox.restore(new Inbox.Restore(LANE, "", "token", List.of(), List.of(), List.of(), 0));
        inbox.append(
                new Append(LANE, -1, -1, List.of(), 0, 0, true, true, new Append.Init("token", 0)));
        return inbox;
    }

    private static Path apps() throws IOException {
        var file = Files.createTempFile("rehearsal", ".yaml");
        file.toFile().deleteOnExit();
        return Files.writeString(
                file,
                """
                apps:
                  %s:
                    roles: [first]
                    agents:
                      tokens:
                        - uuid: %s
                          sha256: %s
                routes: {}
                """
                        .formatted(
                                ADA.app(), ADA.uuid(), io.switchboard.runtime.Apps.sha256(TOKEN)));
    }

    // --- a browser

    private static void browse(int port, DeliveryDoor door)
            throws IOException, InterruptedException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            var out = socket.getOutputStream();
            out.write(
                    """
                    GET /ws HTTP/1.1\r
                    Host: 127.0.0.1\r
                    Upgrade: websocket\r
                    Connection: Upgrade\r
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                    Sec-WebSocket-Version: 13\r
                    Sec-WebSocket-Protocol: switchboard.v1\r
                    \r
                    """
                            .getBytes(StandardCharsets.US_ASCII));
            awaitHeard(socket, "CONNECT");
            out.write(
                    masked(
                            "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"%s\"}}"
                                    .formatted(TOKEN)));
            awaitHeard(socket, "ONLINE");
            for (int offset = 0; offset < EVENTS; offset++) {
                door.hints(List.of(new DeliveryDoor.Sent(hint(offset), 1)));
            }
            awaitHeard(socket, "lane.0." + (EVENTS - 1));
            out.write(
                    masked("{\"event\":\"ACK\",\"data\":{\"agent\":\"lane.0.%d\"}}".formatted(1)));
            out.write(masked("{\"event\":\"HEART_BEAT\",\"data\":[]}"));
            awaitHeard(socket, "HEART_BEAT");
        }
    }

    private static Hint hint(long offset) {
        var frame = Json.object().put("event", "Rehearsal").put("pos", "lane.0." + offset);
        var hint = new Hint(ADA, LANE, offset, offset - 1, Long.MAX_VALUE, Json.bytes(frame));
        return Hint.decode(hint.encode());
    }

    private static void awaitHeard(Socket socket, String what) throws IOException {
        var heard = new StringBuilder();
        var buffer = new byte[8_192];
        while (heard.indexOf(what) < 0) {
            int read = socket.getInputStream().read(buffer);
            if (read < 0) {
                throw new IOException("the edge closed before it said " + what);
            }
            heard.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
        }
    }

    /// By a mask of zeros.
    private static byte[] masked(String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        var frame = new byte[6 + bytes.length];
        frame[0] = (byte) 0x81;
        frame[1] = (byte) (0x80 | bytes.length);
        System.arraycopy(bytes, 0, frame, 6, bytes.length);
        return frame;
    }

    private static void ask(int port, String path) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(
                            "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                                    .formatted(path)
                                    .getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getInputStream().readNBytes(1);
        }
    }
}
