package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.switchboard.schemas.CloseCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The session's rules, with our own frames.
class PeerTest {
    private static final String CONNECT =
            "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"t\"}}";
    private static final String BEAT = "{\"event\":\"HEART_BEAT\",\"data\":[]}";
    private static final String ACK = "{\"event\":\"ACK\",\"data\":{\"agent\":\"t.0.1\"}}";

    private final PeerRig rig = new PeerRig();
    private final EmbeddedChannel channel = rig.channel;
    private V1Peer peer;

    @AfterEach
    void release() {
        rig.release();
    }

    private PeerTest open(boolean v1) {
        peer = v1 ? rig.open(V1Peer::new) : rig.open(OldPeer::new);
        return this;
    }

    private void say(String text) {
        rig.say(text);
    }

    private void pass(Duration time) {
        rig.pass(time);
    }

    private List<String> written() {
        return rig.written();
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
    void tooManyFrames_close_comeBack() {
        open(true).say(CONNECT);
        for (int i = 0; i < 2 * SocketSettings.FRAMES_PER_SECOND; i++) {
            say(ACK);
        }
        assertThat(written()).hasSize(2).last().isEqualTo("close 4010");
        assertThat(CloseCode.TOO_MANY_FRAMES.comeBack()).isTrue();
    }

    @Test
    void oneAckForEachEvent_isNeverTooMany() {
        int events = 5 * SocketSettings.FRAMES_PER_SECOND;
        open(true).say(CONNECT);
        for (int i = 0; i < events; i++) {
            rig.outbox.add(
                    peer, new Outbox.Item.Event(new byte[] {'x'}, PeerRig.ADA, i, "", 0, null));
        }
        rig.endTurn();
        assertThat(written()).hasSize(events);
        for (int i = 0; i < events; i++) {
            say(ACK);
        }
        assertThat(written()).isEmpty();
        assertThat(rig.door.waiting()).isEqualTo(1 + events);

        for (int i = 0; i < 2 * SocketSettings.FRAMES_PER_SECOND; i++) {
            say(ACK); // for nothing
        }
        assertThat(written()).last().isEqualTo("close 4010");
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
        while (rig.door.ack(peer, Map.of())) {
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
        assertThat(rig.door.waiting()).isZero();
    }
}
