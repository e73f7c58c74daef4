package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.edge.centrifuge.Disconnect;
import io.switchboard.schemas.CloseCode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The session's rules in the Centrifuge protocol's words.
class CentrifugePeerTest {
    private static final String CONNECT = "{\"id\":1,\"connect\":{\"token\":\"t\"}}";

    private final PeerRig rig = new PeerRig();
    private final CentrifugePeer peer = rig.open(CentrifugePeer::new);

    @AfterEach
    void release() {
        rig.release();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "[]",
                "{\"connect\":{\"token\":\"t\"}}",
                "{\"id\":1}",
                "{}",
                "{\"id\":1,\"rpc\":{\"method\":\"ack\"}}",
                "{\"id\":1,\"subscribe\":{\"channel\":\"x\"}}"
            })
    void whoDoesNotBeginWithConnect_isClosed_forGood(String line) {
        rig.say(line);
        assertThat(rig.written()).containsExactly("close 3501");
    }

    @Test
    void nonsenseInTheMiddleOfABatch_endsIt() {
        rig.say(CONNECT);
        rig.say("{\"id\":2,\"subscribe\":{\"channel\":\"x\"}}\nnonsense\n{\"id\":3,\"ping\":{}}");
        assertThat(rig.written()).first().isEqualTo("close 3501");
    }

    @Test
    void whoSaysNothing_isClosed_comeBack() {
        rig.pass(Duration.ofSeconds(11));
        assertThat(rig.written()).containsExactly("close 4007");
    }

    @Test
    void aBadToken_isFinal() {
        rig.say("{\"id\":1,\"connect\":{\"token\":\"bad\"}}");
        assertThat(rig.written()).containsExactly("close 3500");
    }

    @Test
    void anExpiredToken_isAnsweredSo_thatTheSdkGetsANewOne() {
        rig.say("{\"id\":7,\"connect\":{\"token\":\"expired\"}}");
        assertThat(rig.written())
                .containsExactly(
                        "{\"id\":7,\"error\":{\"code\":109,\"message\":\"token expired\"}}");
        rig.say(CONNECT);
        assertThat(rig.door.waiting()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"subscribe\":{\"channel\":\"news\"} | 103",
                "\"unsubscribe\":{\"channel\":\"agent:desk/ada\"} | 103",
                "\"publish\":{\"channel\":\"agent:desk/bob\",\"data\":{}} | 103",
                "\"publish\":{\"channel\":\"agent:desk/ada\",\"data\":5} | 107",
                "\"presence\":{\"channel\":\"app:desk\"} | 108",
                "\"presence_stats\":{\"channel\":\"app:desk\"} | 108",
                "\"history\":{\"channel\":\"app:desk\"} | 108",
                "\"sub_refresh\":{\"channel\":\"app:desk\",\"token\":\"t\"} | 108",
                "\"dance\":{} | 104",
                "\"rpc\":{\"method\":\"dance\",\"data\":{}} | 104",
                "\"rpc\":{\"method\":\"ack\",\"data\":{\"agent\":5}} | 107",
                "\"rpc\":{\"method\":\"publish\",\"data\":{\"data\":{}}} | 107",
                "\"rpc\":{\"method\":\"publish\",\"data\":5} | 107",
            })
    void whatIsNotOffered_isAnsweredWithItsError(String command, int code) {
        rig.say(CONNECT);
        rig.say("{\"id\":2," + command + "}");
        assertThat(rig.written())
                .singleElement()
                .asString()
                .startsWith("{\"id\":2,\"error\":{\"code\":" + code + ",");
    }

    @Test
    void aBatchOfCommands_isAnsweredInOneFrame() {
        rig.say(CONNECT);
        rig.say(
                "{\"id\":2,\"ping\":{}}\n"
                        + "{\"id\":3,\"unsubscribe\":{\"channel\":\"news\"}}\n"
                        + "{\"id\":4,\"subscribe\":{\"channel\":\"news\"}}\n");
        assertThat(rig.written())
                .containsExactly(
                        "{\"id\":2,\"ping\":{}}\n"
                                + "{\"id\":3,\"unsubscribe\":{}}\n"
                                + "{\"id\":4,\"error\":{\"code\":103,\"message\":\"permission denied\"}}");
    }

    @Test
    void publishesGoUpstream_underAnIdOfTheirOwn() {
        rig.say(CONNECT);
        rig.say("{\"id\":2,\"publish\":{\"channel\":\"agent:desk/ada\",\"data\":{\"n\":1}}}");
        assertThat(rig.written()).containsExactly("{\"id\":2,\"publish\":{}}");
        rig.say(
                "{\"id\":3,\"rpc\":{\"method\":\"publish\",\"data\":{\"id\":\"p-1\",\"data\":{}}}}");
        assertThat(rig.written()).containsExactly("{\"id\":3,\"rpc\":{\"data\":{\"id\":\"p-1\"}}}");
        rig.say("{\"send\":{\"data\":{\"n\":2}}}");
        assertThat(rig.written()).isEmpty();
    }

    @Test
    void tooManyPublishes_areTemporarilyRefused() {
        rig.say(CONNECT);
        for (int i = 2; i < 2 + 2 * SocketSettings.PUBLISHES_PER_SECOND + 1; i++) {
            rig.say(
                    "{\"id\":%d,\"publish\":{\"channel\":\"agent:desk/ada\",\"data\":{}}}"
                            .formatted(i));
        }
        assertThat(rig.written())
                .filteredOn(it -> it.contains("\"code\":111"))
                .singleElement()
                .asString()
                .contains("\"temporary\":true");
        assertThat(rig.channel.isOpen()).isTrue();
    }

    @Test
    void eachPong_answersTheOldestPing() {
        rig.say(CONNECT);
        int before = rig.door.waiting();
        peer.ping(1);
        peer.ping(2);
        rig.endTurn();
        rig.pass(Duration.ofSeconds(26)); // and a beat
        assertThat(rig.written()).containsExactly("{}", "{}", "{}");

        rig.say("{}");
        assertThat(rig.door.waiting() - before).as("1").isEqualTo(1);
        rig.say("{}");
        assertThat(rig.door.waiting() - before).as("2").isEqualTo(2);
        rig.say("{}");
        assertThat(rig.door.waiting() - before).as("the beat").isEqualTo(2);
        rig.say("{}");
        assertThat(rig.door.waiting() - before).as("nothing asked").isEqualTo(2);
    }

    @Test
    void twoPingsUnanswered_close_comeBack() {
        rig.say(CONNECT);
        rig.pass(Duration.ofSeconds(51));
        assertThat(rig.written()).containsExactly("{}", "{}");
        rig.pass(Duration.ofSeconds(26));
        assertThat(rig.written()).containsExactly("close 3012");
    }

    @Test
    void anAckForEachPublication_isNeverTooMany() {
        int events = 5 * SocketSettings.FRAMES_PER_SECOND;
        rig.say(CONNECT);
        for (int i = 0; i < events; i++) {
            rig.outbox.add(
                    peer, new Outbox.Item.Event(new byte[] {'5'}, PeerRig.ADA, i, "", 0, null));
        }
        rig.endTurn();
        assertThat(rig.written())
                .hasSize(events)
                .first()
                .isEqualTo(
                        "{\"push\":{\"channel\":\"agent:desk/ada\",\"pub\":{\"offset\":1,\"data\":5}}}");
        for (int i = 0; i < events; i++) {
            rig.say("{\"id\":2,\"rpc\":{\"method\":\"ack\",\"data\":{\"agent\":\"t.0.1\"}}}");
        }
        assertThat(rig.written()).hasSize(events).doesNotContain("close 4010");
    }

    @Test
    void whatComesTooOften_isClosed_comeBack() {
        rig.say(CONNECT);
        for (int i = 0; i < 2 * SocketSettings.FRAMES_PER_SECOND; i++) {
            rig.say("{\"id\":2,\"ping\":{}}");
        }
        assertThat(rig.written()).last().isEqualTo("close 4010");
    }

    /// The SDKs decide by the range whether to come back, and without a reason they always do.
    @ParameterizedTest
    @EnumSource(CloseCode.class)
    void everyCloseCode_meansTheSameToACentrifugeClient(CloseCode code) {
        var disconnect = Disconnect.of(code);
        boolean comeBack =
                (disconnect.code() >= 3000 && disconnect.code() < 3500)
                        || (disconnect.code() >= 4000 && disconnect.code() < 4500);
        assertThat(comeBack).isEqualTo(code.comeBack());
        assertThat(disconnect.reason()).isNotBlank();
    }
}
