package io.switchboard.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.EventFrame;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.ServerFrames;
import io.switchboard.systemtests.SdkModel.Reaction;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SdkModelTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final LaneId LANE = new LaneId("tagtag", 3);

    private final History history = new History(InstantSource.system());
    private final SdkModel ada = SdkModel.fresh("tab", ADA, Set.of("clerk"), "token", history);

    @Test
    void freshPage_connectsWithoutPositions() {
        assertThat(greeted(ada))
                .isEqualTo("{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"token\"}}");
    }

    @Test
    void pageThatHandledSomething_comesBackWithItsPosition_andAcknowledgesItAgain() {
        online();
        ada.onFrame(event("e1", 10, null));
        ada.takeAck();
        assertThat(ada.onClosed(CloseCode.GO_AWAY.code())).isTrue();

        assertThat(greeted(ada)).contains("\"positions\":{\"agent\":\"tagtag.3.10\"}");
        assertThat(ada.takeAck()).as("not before ONLINE").isNull();
        online();
        assertThat(new String(ada.takeAck(), UTF_8))
                .isEqualTo("{\"event\":\"ACK\",\"data\":{\"agent\":\"tagtag.3.10\"}}");
        assertThat(ada.takeAck()).isNull();
    }

    @Test
    void repeatedFrame_isKeptFromTheHandler_unlessItIsARedelivery() {
        online();
        assertThat(ada.onFrame(event("e1", 10, null))).isInstanceOf(Reaction.Handled.class);
        assertThat(ada.onFrame(event("e1", 10, null))).isInstanceOf(Reaction.Nothing.class);
        assertThat(ada.onFrame(event("e1", 20, "r1"))).isInstanceOf(Reaction.Handled.class);
    }

    @Test
    void windowForgets_after256() {
        online();
        for (int i = 0; i <= SdkModel.WINDOW; i++) {
            ada.onFrame(event("e" + i, i, null));
        }

        assertThat(ada.onFrame(event("e1", 1, null))).isInstanceOf(Reaction.Nothing.class);
        assertThat(ada.onFrame(event("e0", 0, null))).isInstanceOf(Reaction.Handled.class);
    }

    @Test
    void lost_movesThePosition_andAsksForNoAck() {
        online();
        ada.onFrame(new ServerFrames.Lost("agent", 2, 0, false, false, LANE.position(30)).encode());

        assertThat(ada.takeAck()).isNull();
        assertThat(ada.positions()).containsEntry("agent", LANE.position(30));
    }

    @Test
    void reloadedPage_keepsPositionsAndWindow() {
        online();
        ada.onFrame(event("e1", 10, null));

        var reloaded = ada.reloaded("tab'");

        assertThat(greeted(reloaded)).contains("tagtag.3.10");
        assertThat(reloaded.onFrame(event("e1", 10, null))).isInstanceOf(Reaction.Nothing.class);
    }

    @Test
    void closeCodeThatSaysDoNot_isObeyed() {
        assertThat(ada.onClosed(CloseCode.BAD_TOKEN.code())).isFalse();
        assertThat(ada.onClosed(1006)).isTrue();
    }

    private void online() {
        ada.onFrame(ServerFrames.online("c1", ADA, "clerk", 0, 25));
    }

    private static String greeted(SdkModel page) {
        return page.onFrame(ServerFrames.connect()) instanceof Reaction.Send(var frame)
                ? new String(frame, UTF_8)
                : "nothing";
    }

    private static byte[] event(String id, long offset, String redelivery) {
        return EventFrame.encode(
                "WorksheetMsg",
                id,
                ADA,
                LANE.position(offset),
                Instant.EPOCH,
                redelivery,
                null,
                Json.object());
    }
}
