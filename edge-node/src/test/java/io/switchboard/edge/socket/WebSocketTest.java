package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.schemas.Address;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebSocketTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");

    private final EdgeInProcess edge = new EdgeInProcess();

    @AfterEach
    void close() {
        edge.close();
    }

    @Test
    void aBrowserIsGreeted_comesOnline_andGetsEventsOfAllItsAddresses() {
        edge.send(ADA, "waiting");
        var ada = Browser.open(edge, true);
        assertThat(ada.await()).isEqualTo("{\"event\":\"CONNECT\",\"data\":[]}");
        ada.say("{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"ada:first\"}}");
        assertThat(ada.awaitEvent("ONLINE"))
                .contains("\"agent\":\"desk/ada\"", "\"role\":\"first\"", "\"unread\":1");
        assertThat(ada.awaitText()).isEqualTo("waiting");

        awaitAttached(3);
        edge.send(ADA, "own");
        assertThat(ada.awaitText()).isEqualTo("own");
        edge.send(new Address.Role("desk", "first"), "role");
        assertThat(ada.awaitText()).isEqualTo("role");
        edge.send(new Address.App("desk"), "你有一条新工单待处理");
        assertThat(ada.awaitText()).isEqualTo("你有一条新工单待处理");
    }

    /// The role's and the app's attach follow ONLINE: an event to them before that is another test.
    private void awaitAttached(int addresses) {
        org.awaitility.Awaitility.await()
                .until(
                        () -> {
                            var counts = new java.util.concurrent.CompletableFuture<Integer>();
                            edge.door.tell(it -> counts.complete(it.registeredAddresses()));
                            return counts.join() == addresses;
                        });
    }

    @Test
    void whatWasAcknowledged_isNotSentAgain_toANewBrowser() {
        edge.send(ADA, "one");
        var first = Browser.connect(edge, "ada");
        assertThat(first.awaitText()).isEqualTo("one");
        first.say("{\"event\":\"ACK\",\"data\":{\"agent\":\"" + position(ADA, 0) + "\"}}");
        org.awaitility.Awaitility.await().until(() -> acked() == 0);
        edge.send(ADA, "two");
        assertThat(Browser.connect(edge, "ada").awaitText()).isEqualTo("two");
    }

    private long acked() {
        var lane = edge.lanes.of(ADA);
        return edge.inbox.read(lane, ADA, -1, 10).toCompletableFuture().join().standing().acked();
    }

    @Test
    void anOldClient_acknowledgesByItsPongs() {
        edge.send(ADA, "one");
        var old = Browser.open(edge, false);
        old.awaitEvent("CONNECT");
        old.say("{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"ada\"}}");
        old.awaitEvent("ONLINE");
        assertThat(old.awaitText()).isEqualTo("one");
        org.awaitility.Awaitility.await().until(() -> acked() == 0);
    }

    @Test
    void badTokens_areRefused_forGood() {
        var nobody = Browser.open(edge, true);
        nobody.awaitEvent("CONNECT");
        nobody.say("{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"bad\"}}");
        assertThat(nobody.await()).contains("\"code\":10104");
        assertThat(nobody.awaitClosed()).isEqualTo(4500);
    }

    @Test
    void foreignPages_areRefused_andTheAppsOwnAreNot() {
        var foreign = Browser.open(edge, true, "Origin", "https://desk.example.evil.org");
        foreign.awaitEvent("CONNECT");
        foreign.say("{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"ada\"}}");
        foreign.await();
        assertThat(foreign.awaitClosed()).isEqualTo(4507);

        var own = Browser.open(edge, true, "Origin", "https://desk.example");
        own.awaitEvent("CONNECT");
        own.say("{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"ada\"}}");
        own.awaitEvent("ONLINE");
    }

    @Test
    void eachMisunderstoodFrame_isAnsweredWithItsError() {
        var ada = Browser.open(edge, true);
        ada.awaitEvent("CONNECT");
        ada.say("{\"event\":\"ACK\",\"data\":{\"agent\":\"tag.1.5\"}}");
        assertThat(ada.await()).contains("\"code\":10106");
        ada.say("{\"data\":[]}");
        assertThat(ada.await()).isEqualTo("{\"code\":10101,\"msg\":\"event is null\",\"data\":[]}");
        ada.say("nonsense");
        assertThat(ada.await()).contains("\"code\":10103");
        ada.say("{\"event\":\"DANCE\"}");
        assertThat(ada.await()).contains("\"code\":10102");
    }

    @Test
    void aFrameOfMoreThan64KiB_closes() {
        var ada = Browser.connect(edge, "ada");
        ada.say("x".repeat(65 * 1024));
        assertThat(ada.awaitClosed()).isEqualTo(4506);
    }

    @Test
    void aHeartbeatIsAnswered_once() {
        var ada = Browser.connect(edge, "ada");
        ada.say("{\"event\":\"HEART_BEAT\",\"data\":[]}");
        assertThat(ada.await()).isEqualTo("{\"event\":\"HEART_BEAT\",\"data\":[]}");
    }

    @Test
    void whatABrowserPublishes_isConfirmed() {
        var ada = Browser.connect(edge, "ada");
        ada.say("{\"event\":\"PUBLISH\",\"id\":\"p-1\",\"data\":{\"type\":\"seen\"}}");
        assertThat(ada.await()).isEqualTo("{\"event\":\"PUBLISHED\",\"id\":\"p-1\"}");
        assertThat(edge.published).containsExactly("agent:desk/ada p-1 {\"type\":\"seen\"}");
    }

    @Test
    void refreshForSomebodyElse_closes() {
        var ada = Browser.connect(edge, "ada");
        ada.say("{\"event\":\"REFRESH\",\"data\":{\"client_token\":\"bob\"}}");
        assertThat(ada.awaitClosed()).isEqualTo(4504);
    }

    @Test
    void newcomersAreRefusedWith503_whileTheInboxIsAway() throws Exception {
        edge.closed.set(true);
        var request = HttpRequest.newBuilder(edge.url("http", "/ws")).GET().build();
        try (var http = HttpClient.newHttpClient()) {
            var answer = http.send(request, BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        }
    }

    @Test
    void anUnknownSubprotocol_isRefused() {
        assertThatThrownBy(
                        () ->
                                HttpClient.newHttpClient()
                                        .newWebSocketBuilder()
                                        .subprotocols("mqtt")
                                        .buildAsync(edge.url("ws", "/ws"), new Browser())
                                        .join())
                .hasMessageContaining("WebSocketHandshakeException");
    }

    @Test
    void filesAreServed_andNothingBesidesThem() throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            for (var path :
                    new String[] {
                        "/desk/../../../../etc/passwd", "/desk/%2e%2e/SocketSettings.class", "/x"
                    }) {
                var request = HttpRequest.newBuilder(edge.url("http", path)).GET().build();
                assertThat(http.send(request, BodyHandlers.ofString()).statusCode())
                        .as(path)
                        .isEqualTo(404);
            }
            var request = HttpRequest.newBuilder(edge.url("http", "/desk/probe.txt")).GET().build();
            var answer = http.send(request, BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Security-Policy"))
                    .hasValueSatisfying(it -> assertThat(it).contains("default-src 'self'"));
        }
    }

    private String position(Address address, long offset) {
        return edge.lanes.of(address).position(offset).toString();
    }
}
