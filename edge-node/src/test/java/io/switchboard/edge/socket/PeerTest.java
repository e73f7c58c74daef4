package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// One socket's handler without a socket, its time in the test's hands. (Leaks are looked for:
/// every test runs with paranoid detection.)
class PeerTest {
    private static final String CONNECT =
            "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"t\"}}";
    private static final String BEAT = "{\"event\":\"HEART_BEAT\",\"data\":[]}";

    private Instant now = Instant.parse("2026-11-24T12:00:00Z");
    private final DeliveryDoor door = new DeliveryDoor(EdgeMeters.NONE);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Rounds rounds = new Rounds(() -> now);
    private WebSocketPeer peer;

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    private PeerTest open(boolean v1) {
        var front =
                new Front(
                        SocketSettings.DEFAULTS,
                        door,
                        _ -> new Verdict.Verified(new Address.Agent("desk", "ada"), Set.of(), null),
                        () -> new Apps(Map.of(), Map.of()),
                        new Refusals(),
                        (_, _, _, then) -> then.accept(true),
                        () -> false,
                        EdgeMeters.NONE,
                        () -> now);
        var outbox = new Outbox(channel.eventLoop(), EdgeMeters.NONE, () -> now);
        peer =
                new WebSocketPeer(
                        channel,
                        front,
                        new Loop(outbox, rounds),
                        new Budget(SocketSettings.DEFAULTS, EdgeMeters.NONE),
                        "id",
                        null,
                        v1);
        channel.pipeline().addLast(peer);
        return this;
    }

    private void say(String text) {
        channel.writeInbound(new TextWebSocketFrame(text));
    }

    private void pass(Duration time) {
        var end = now.plus(time);
        while (now.isBefore(end)) {
            now = now.plusMillis(50);
            rounds.visitSlice();
            channel.runPendingTasks();
        }
    }

    /// What was written since the last time: texts, `ping`, `close 4002`.
    private List<String> written() {
        var written = new ArrayList<String>();
        for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
            if (each.isReadable()) {
                written.add(frame(each));
            }
            each.release();
        }
        return written;
    }

    private static String frame(ByteBuf frame) {
        int opcode = frame.readByte() & 0xF;
        int length = frame.readUnsignedByte();
        if (length == 126) {
            length = frame.readUnsignedShort();
        }
        assertThat(frame.readableBytes()).isEqualTo(length);
        return switch (opcode) {
            case 1 -> frame.toString(StandardCharsets.UTF_8);
            case 8 -> length == 0 ? "close" : "close " + frame.readUnsignedShort();
            case 9 -> "ping";
            case 10 -> "pong " + frame.toString(StandardCharsets.UTF_8);
            default -> "opcode " + opcode;
        };
    }

    @Test
    void whoDoesNotSayWhoTheyAre_isClosed() {
        open(true).pass(Duration.ofSeconds(9));
        assertThat(written()).isEmpty();
        pass(Duration.ofSeconds(2));
        assertThat(written()).containsExactly("close 4007");
        pass(Duration.ofSeconds(4));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void twoBeatsUnanswered_close() {
        open(true).say(CONNECT);
        pass(Duration.ofSeconds(51));
        assertThat(written()).containsExactly(BEAT, BEAT);
        pass(Duration.ofSeconds(26));
        assertThat(written()).containsExactly("close 4002");
    }

    @Test
    void anAnsweredBeat_keepsItOpen_andIsNotAnsweredAgain() {
        open(true).say(CONNECT);
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(26));
            assertThat(written()).containsExactly(BEAT);
            say(BEAT);
            assertThat(written()).isEmpty();
        }
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aBrowserThatAnswersEveryBeat_isNotAnsweredForEver() {
        open(true).say(CONNECT);
        pass(Duration.ofSeconds(5));
        say(BEAT);
        assertThat(written()).containsExactly(BEAT);
        say(BEAT);
        assertThat(written()).isEmpty();
    }

    @Test
    void anOldClient_isPinged_andItsPongsKeepItOpen() {
        open(false).say(CONNECT);
        for (int i = 0; i < 5; i++) {
            pass(Duration.ofSeconds(26));
            assertThat(written()).containsExactly("ping");
            channel.writeInbound(new PongWebSocketFrame());
        }
        pass(Duration.ofSeconds(80));
        assertThat(written()).containsExactly("ping", "ping", "close 4002");
    }

    @Test
    void aPing_isAnswered() {
        open(true)
                .channel
                .writeInbound(
                        new PingWebSocketFrame(
                                io.netty.buffer.Unpooled.copiedBuffer(
                                        "x", StandardCharsets.UTF_8)));
        assertThat(written()).containsExactly("pong x");
    }

    @Test
    void tooManyFrames_close() {
        open(true).say(CONNECT);
        for (int i = 0; i < 2 * SocketSettings.FRAMES_PER_SECOND; i++) {
            say("{\"event\":\"ACK\",\"data\":{\"agent\":\"t.0.1\"}}");
        }
        assertThat(written()).hasSize(2).last().isEqualTo("close 4505");
    }

    @Test
    void tooManyPublishes_areRefused_butTheConnectionStays() {
        open(true).say(CONNECT);
        for (int i = 0; i < 2 * SocketSettings.PUBLISHES_PER_SECOND + 1; i++) {
            say("{\"event\":\"PUBLISH\",\"id\":\"p\",\"data\":{}}");
        }
        channel.runPendingTasks();
        var written = written();
        assertThat(written.stream().filter(it -> it.contains("PUBLISHED")))
                .hasSize(2 * SocketSettings.PUBLISHES_PER_SECOND);
        assertThat(written.stream().filter(it -> it.contains("10111") && it.contains("\"id\"")))
                .hasSize(1);
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void whoNeverSpeaksTheProtocol_isClosedInTheEnd() {
        open(true);
        for (int i = 0; i < 20; i++) {
            say("{}");
        }
        assertThat(written()).hasSize(21).last().isEqualTo("close 4502");
    }

    @Test
    void binaryFrames_close() {
        open(true).channel.writeInbound(new BinaryWebSocketFrame());
        assertThat(written()).containsExactly("close 4502");
    }

    @Test
    void aFullDoor_closes_comeBack() {
        while (door.ack(peer, Map.of())) {
            // until it is full
        }
        open(true).say(CONNECT);
        assertThat(written()).containsExactly("close 4004");
    }

    @Test
    void aClose_isEchoed() {
        open(true).channel.writeInbound(new CloseWebSocketFrame(1000, "bye"));
        assertThat(written()).containsExactly("close 1000");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aCloseOfOurs_waitsForTheirs() {
        open(true);
        peer.closeNow(CloseCode.KICKED);
        assertThat(written()).containsExactly("close 4503");
        assertThat(channel.isOpen()).isTrue();
        channel.writeInbound(new CloseWebSocketFrame(4503, ""));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void afterAClose_nothingIsHeard() {
        open(true);
        peer.closeNow(CloseCode.KICKED);
        written();
        say(CONNECT);
        assertThat(written()).isEmpty();
        assertThat(door.waiting()).isZero();
    }
}
