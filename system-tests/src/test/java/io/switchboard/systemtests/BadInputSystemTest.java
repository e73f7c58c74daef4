package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.FrontDoor;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TestApp;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Every rejected thing names itself, to producers and to browsers.
class BadInputSystemTest {
    private final Stage system = Stage.shared();

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void malformedJson_is400() {
        assertThat(post("{\"url\":".getBytes(StandardCharsets.UTF_8)))
                .satisfies(refused(400))
                .asString()
                .contains("JSON");
    }

    @Test
    void missingData_isNamed() {
        var envelope = envelope("ada");
        envelope.remove("data");

        assertThat(post(envelope)).satisfies(refused(422)).asString().contains("/data");
    }

    @Test
    void unknownUrl_isNamed() {
        assertThat(post(envelope("ada").put("url", "/nowhere")))
                .satisfies(refused(422))
                .asString()
                .contains("/nowhere");
    }

    @Test
    void wrongChatToken_is401() {
        assertThat(post(envelope("ada").put("chat_token", "guessed"))).satisfies(refused(401));
    }

    @Test
    void blockedApp_is403() {
        assertThat(post(envelope("ada").put("chat_token", TestApp.blocked().chatToken())))
                .satisfies(refused(403));
    }

    @Test
    void wrongType_isNamed() {
        var envelope = envelope("ada");
        ((ObjectNode) envelope.path("data").path(0)).put("uuid", 17);

        assertThat(post(envelope)).satisfies(refused(422)).asString().contains("/data/0/uuid");
    }

    @Test
    void oneBadTargetOfThree_refusesTheWhole_andNothingIsSent() {
        var ada = system.browser("ada").connect();
        var envelope =
                system.envelope(
                        TestApp.URL,
                        List.of(
                                Map.entry(new Target.ToAgent("ada"), "refused"),
                                Map.entry(new Target.ToRole("nobody"), "refused"),
                                Map.entry(new Target.ToAgent("ada"), "refused")));

        assertThat(post(envelope)).satisfies(refused(422)).asString().contains("/data/1/role");

        system.send("ada", "accepted");
        ada.awaitReceived("accepted");
    }

    @Test
    void requestOverTwoMebibytes_is413() {
        var envelope = envelope("ada");
        ((ObjectNode) envelope.path("data").path(0)).put("data", "x".repeat(3 * 1024 * 1024));

        assertThat(post(envelope)).satisfies(refused(413));
    }

    @Test
    void badClientToken_closesForGood() {
        system.browserWithToken("ada", "no token")
                .startConnecting()
                .awaitClosed(CloseCode.BAD_TOKEN.code());
    }

    @Test
    void agentOfABlockedApp_isRefused() {
        system.browserWithToken("ada", TestApp.blocked().clientToken("ada"))
                .startConnecting()
                .awaitClosed(CloseCode.APP_BLOCKED.code());
    }

    @Test
    void frameWithoutAnEvent_isAnsweredByTheFirstErrorOfTheTable_andTheConnectionLives() {
        var ada = system.browser("ada").connect();

        ada.say("{\"data\":[]}");
        ada.awaitRefused(ErrorCode.EVENT_IS_NULL.code());
        ada.say("{\"event\":\"DANCE\"}");
        ada.awaitRefused(ErrorCode.EVENT_IS_UNKNOWN.code());
        ada.say("no json");
        ada.awaitRefused(ErrorCode.FRAME_IS_NOT_JSON.code());

        system.send("ada", "m1");
        ada.awaitReceived("m1");
    }

    private ObjectNode envelope(String uuid) {
        return system.envelope(
                TestApp.URL, List.of(Map.entry(new Target.ToAgent(uuid), "refused")));
    }

    private FrontDoor.Answer post(ObjectNode envelope) {
        return post(Json.bytes(envelope));
    }

    private FrontDoor.Answer post(byte[] body) {
        return system.frontDoor().post(body, null);
    }

    private static Consumer<FrontDoor.Answer> refused(int status) {
        return answer -> assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    }
}
