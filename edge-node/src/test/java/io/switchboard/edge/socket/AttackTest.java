package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ClientFrame;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// What a hostile far end does to an edge node, and what it gets for it. docs/security.md names
/// these tests.
class AttackTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final Address.Agent BOB = new Address.Agent("desk", "bob");
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    /// `-Dattack.sockets=10000` is the full form; it needs as many file descriptors, twice.
    private static final int SOCKETS = Integer.getInteger("attack.sockets", 500);

    private EdgeInProcess edge;

    private EdgeInProcess edge() {
        return edge(SocketSettings.DEFAULTS);
    }

    private EdgeInProcess edge(SocketSettings settings) {
        edge = new EdgeInProcess(settings);
        return edge;
    }

    @AfterEach
    void close() {
        edge.close();
    }

    // --- who does not say who they are

    @Test
    void halfOpenHandshakes_drippedSlowly_endAtTheDeadline_andOthersAreServed() throws Exception {
        var settings = settings(1_000_000, 0, 1_000_000);
        edge(settings);
        var sockets = new ArrayList<RawSocket>();
        var request = RawSocket.upgrade("X-Slow: yes\r\n");
        try {
            for (int i = 0; i < SOCKETS; i++) {
                sockets.add(RawSocket.open(edge));
            }
            Awaitility.await().until(() -> edge.server.connections() >= SOCKETS);
            var ada = Browser.connect(edge, "ada");
            edge.send(ADA, "among them");
            assertThat(ada.awaitText()).isEqualTo("among them");

            drip(sockets, request);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> edge.server.connections() == 1);
        } finally {
            for (var each : sockets) {
                each.close();
            }
        }
    }

    /// A byte a round to each, until nobody takes one any more: a byte never buys time.
    private static void drip(List<RawSocket> sockets, String request) {
        var open = new ArrayList<>(sockets);
        var at = new int[1];
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> {
                            // Never the last one: then it would be a request.
                            var next = request.substring(at[0], at[0] + 1);
                            at[0] = Math.min(at[0] + 1, request.length() - 2);
                            open.removeIf(each -> isRefused(each, next));
                            return open.isEmpty();
                        });
    }

    private static boolean isRefused(RawSocket socket, String text) {
        try {
            socket.write(text);
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    @Test
    void aWebSocketThatNeverConnects_isClosedAtTheDeadline_howeverMuchItPings() throws Exception {
        edge(settings(100, 0, 100));
        try (var socket = RawSocket.upgraded(edge)) {
            var ping = RawSocket.frame(RawSocket.FIN | RawSocket.PING, new byte[0]);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(50))
                    .until(
                            () -> {
                                socket.write(ping);
                                return socket.frame().equals("close 4007");
                            });
        }
    }

    @Test
    void moreHandshakesThanAllowed_get503_andAreToldWhenToComeBack() throws Exception {
        edge(settings(100, 0, 1));
        for (int i = 0; i < 2; i++) {
            RawSocket.upgraded(edge).close();
        }
        try (var third = RawSocket.open(edge)) {
            third.write(RawSocket.upgrade(""));
            assertThat(third.head()).startsWith("HTTP/1.1 503").containsIgnoringCase("retry-after");
        }
    }

    @Test
    void moreConnectionsOfOneAddressThanAllowed_get503_untilOneGoes() throws Exception {
        edge(settings(100, 1, 100));
        try (var _ = RawSocket.upgraded(edge);
                var second = RawSocket.open(edge)) {
            second.write(RawSocket.upgrade(""));
            assertThat(second.head()).startsWith("HTTP/1.1 503");
        }
        Awaitility.await().until(() -> edge.server.connections() == 0);
        RawSocket.upgraded(edge).close();
    }

    private static SocketSettings settings(int connections, int perAddress, int handshakes) {
        return new SocketSettings(
                2,
                connections,
                perAddress,
                handshakes,
                SocketSettings.MAX_QUEUED_BYTES,
                DEADLINE,
                Duration.ofSeconds(25),
                SocketSettings.FRAMES_PER_SECOND,
                SocketSettings.PUBLISHES_PER_SECOND);
    }

    // --- bytes

    @Test
    void aFrameOf64KiB_isRead_andOneByteMoreCloses() throws Exception {
        edge();
        try (var socket = RawSocket.upgraded(edge)) {
            var most = "x".repeat(ClientFrame.MAX_BYTES).getBytes(StandardCharsets.US_ASCII);
            socket.write(RawSocket.frame(RawSocket.FIN | RawSocket.TEXT, most));
            assertThat(socket.frame()).contains("10103");
            socket.write(RawSocket.frame(RawSocket.FIN | RawSocket.TEXT, new byte[65_537]));
            assertThat(socket.frame()).isEqualTo("close 4506");
        }
    }

    @Test
    void aFrameThatClaimsToBeHuge_closes_beforeItComes() throws Exception {
        edge();
        try (var socket = RawSocket.upgraded(edge)) {
            socket.write(
                    RawSocket.frame(RawSocket.FIN | RawSocket.TEXT, Long.MAX_VALUE, new byte[0]));
            assertThat(socket.frame()).isEqualTo("close 4506");
        }
    }

    @Test
    void fragments_thatTogetherAreTooLarge_close() throws Exception {
        edge();
        try (var socket = RawSocket.upgraded(edge)) {
            var half = "x".repeat(40_000).getBytes(StandardCharsets.US_ASCII);
            socket.write(RawSocket.frame(RawSocket.TEXT, half));
            socket.write(RawSocket.frame(RawSocket.CONTINUATION, half));
            assertThat(socket.frame()).isEqualTo("close 4506");
        }
    }

    @Test
    void aMessageInCountlessFragments_closes() throws Exception {
        edge();
        try (var socket = RawSocket.upgraded(edge)) {
            socket.write(RawSocket.frame(RawSocket.TEXT, new byte[] {'x'}));
            writeUntilClosed(socket, RawSocket.frame(RawSocket.CONTINUATION, new byte[0]));
            assertThat(socket.closeFrame()).isEqualTo("close 4010");
        }
    }

    @Test
    void aFloodOfPings_closes() throws Exception {
        edge();
        try (var socket = RawSocket.upgraded(edge)) {
            writeUntilClosed(socket, RawSocket.frame(RawSocket.FIN | RawSocket.PING, new byte[0]));
            assertThat(socket.closeFrame()).isEqualTo("close 4010");
        }
    }

    private static void writeUntilClosed(RawSocket socket, byte[] frame) throws IOException {
        for (int i = 0; i < 3 * SocketSettings.FRAMES_PER_SECOND; i++) {
            try {
                socket.write(frame);
            } catch (SocketException _) {
                return;
            }
        }
    }

    @Test
    void requestsWhoseAnswersNobodyReads_endTheConnection() throws Exception {
        edge();
        try (var socket = RawSocket.open(edge)) {
            var many = "GET /desk/probe.txt HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> isRefused(socket, many));
        }
        Awaitility.await().until(() -> edge.server.connections() == 0);
    }

    @Test
    void anEndlessHead_isRefused() throws Exception {
        edge();
        try (var socket = RawSocket.open(edge)) {
            socket.write("GET /ws HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
            assertThat(socket.head()).startsWith("HTTP/1.1 400");
        }
    }

    /// Netty knows the drafts before RFC 6455, one of which is assumed of who names no version.
    @Test
    void aDraftOfWebSocket_isRefused_andToldWhatIsSpoken() throws Exception {
        edge();
        for (var version :
                List.of("", "Sec-WebSocket-Version: 0\r\n", "Sec-WebSocket-Version: 8\r\n")) {
            try (var socket = RawSocket.open(edge)) {
                socket.write(
                        RawSocket.upgrade("").replace("Sec-WebSocket-Version: 13\r\n", version));
                assertThat(socket.head())
                        .startsWith("HTTP/1.1 426")
                        .containsIgnoringCase("sec-websocket-version: 13");
            }
        }
    }

    // --- words

    @Test
    void somebodyElsesAddress_inPositionsAndAcks_isNobodys() {
        edge();
        edge.send(BOB, "for bob");
        var theirs = edge.lanes.of(BOB).position(0);
        var ada = Browser.open(edge, true);
        ada.awaitEvent("CONNECT");
        ada.say(
                """
                {"event":"CONNECT","data":{"client_token":"ada","positions":
                {"agent:desk/bob":"%1$s","role:first":"%1$s","agent":"tag.99.7"}}}"""
                        .formatted(theirs));
        assertThat(ada.awaitEvent("ONLINE")).contains("\"unread\":0");
        assertThat(ada.awaitEvent("LOST")).contains("\"to\":\"agent\"", "\"unknown\":true");
        ada.say(
                """
                {"event":"ACK","data":{"agent:desk/bob":"%1$s","bob":"%1$s","agent":"%1$s"}}"""
                        .formatted(theirs));
        edge.send(ADA, "for ada");
        assertThat(ada.awaitText()).isEqualTo("for ada");

        assertThat(Browser.connect(edge, "bob").awaitText()).isEqualTo("for bob");
    }

    @Test
    void anAckFromTheFuture_acknowledgesNothingThatWasNotWritten() {
        edge();
        var ada = Browser.connect(edge, "ada");
        var future = edge.lanes.of(ADA).position(1_000_000_000);
        ada.say("{\"event\":\"ACK\",\"data\":{\"agent\":\"%s\"}}".formatted(future));
        ada.say("{\"event\":\"HEART_BEAT\",\"data\":[]}");
        ada.awaitEvent("HEART_BEAT"); // so the ACK was heard
        edge.send(ADA, "still unread");
        assertThat(ada.awaitText()).isEqualTo("still unread");
        ada.socket().abort();

        assertThat(Browser.connect(edge, "ada").awaitText()).isEqualTo("still unread");
    }

    @Test
    void noToken_isEverLogged_whateverItIsSaidIn() throws Exception {
        var secret = "s3cr3t-of-a-browser";
        var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        var ours = (Logger) LoggerFactory.getLogger("io.switchboard");
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        var before = ours.getLevel();
        root.addAppender(lines);
        ours.setLevel(Level.TRACE);
        try {
            edge();
            for (var said :
                    List.of(
                            "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"bad:%s\"}}",
                            "{\"event\":\"REFRESH\",\"data\":{\"client_token\":\"%s\"}}",
                            "{\"event\":\"%s\"}",
                            "%s")) {
                var browser = Browser.open(edge, true);
                browser.awaitEvent("CONNECT");
                browser.say(said.formatted(secret));
                browser.await();
            }
            try (var sse = RawSocket.open(edge)) {
                sse.write(
                        "GET /sse?client_token=bad:%s HTTP/1.1\r\nHost: x\r\n\r\n"
                                .formatted(secret));
                assertThat(sse.head()).startsWith("HTTP/1.1 403");
            }
            try (var broken = RawSocket.open(edge)) {
                broken.write("GET /sse?client_token=%s\r\n\r\n".formatted(secret));
                assertThat(broken.head()).startsWith("HTTP/1.1 400");
            }
        } finally {
            root.detachAppender(lines);
            ours.setLevel(before);
        }
        assertThat(lines.list).isNotEmpty();
        for (var each : List.copyOf(lines.list)) {
            assertThat(each.getFormattedMessage() + each.getKeyValuePairs()).doesNotContain(secret);
        }
    }
}
