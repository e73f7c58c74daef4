package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.edge.delivery.Delivery;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The Centrifuge client protocol, line by line, at a real edge.
@Timeout(60)
class CentrifugeTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final Address.Role FIRST = new Address.Role("desk", "first");
    private static final Address.App DESK = new Address.App("desk");

    private final EdgeInProcess edge = new EdgeInProcess();
    private final ArrayDeque<JsonNode> lines = new ArrayDeque<>();
    private Browser browser;

    @AfterEach
    void close() {
        edge.close();
    }

    private JsonNode connect(String token) {
        return connect(token, "{}");
    }

    private JsonNode connect(String token, String subs) {
        browser = Browser.open(edge, "/connection/websocket", false);
        lines.clear();
        browser.say("{\"id\":1,\"connect\":{\"token\":\"%s\",\"subs\":%s}}".formatted(token, subs));
        var reply = next();
        assertThat(reply.path("id").asInt()).as(reply.toString()).isEqualTo(1);
        return reply.path("connect");
    }

    /// The next line that is no ping; those are answered.
    private JsonNode next() {
        while (true) {
            while (lines.isEmpty()) {
                browser.await()
                        .lines()
                        .map(it -> Json.readObject(it.getBytes(StandardCharsets.UTF_8)))
                        .forEach(it -> lines.add(Objects.requireNonNull(it)));
            }
            var line = lines.remove();
            if (!line.isEmpty()) {
                return line;
            }
            browser.say("{}");
        }
    }

    private String text() {
        var push = next().path("push");
        return push.path("channel").asText()
                + " "
                + push.path("pub").path("data").path("response").path("infos").asText();
    }

    private static String at(Address address, long offset, String epoch) {
        return "{\"%s\":{\"recover\":true,\"epoch\":\"%s\",\"offset\":%d}}"
                .formatted(address, epoch, offset);
    }

    private String epoch(Address address) {
        return edge.lanes.of(address).toString();
    }

    private long acked() {
        var lane = edge.lanes.of(ADA);
        return edge.inbox.read(lane, ADA, -1, 10).toCompletableFuture().join().standing().acked();
    }

    @Test
    void aClientIsToldItsSubscriptions_andGetsPublicationsOfAllItsAddresses() {
        edge.send(ADA, "waiting");
        var reply = connect("ada:first");

        assertThat(reply.path("client").asText()).isNotEmpty();
        assertThat(reply.path("version").asText()).isNotEmpty();
        assertThat(reply.has("expires")).isFalse();
        assertThat(reply.path("ping").asInt()).isEqualTo(25);
        assertThat(reply.path("pong").asBoolean()).isTrue();
        assertThat(reply.path("data").toString())
                .isEqualTo("{\"agent\":\"desk/ada\",\"role\":\"first\",\"unread\":1}");
        var subs = reply.path("subs");
        assertThat(subs.size()).isEqualTo(3);
        for (var address : List.of(ADA, FIRST, DESK)) {
            assertThat(subs.path(address.toString()).toString())
                    .isEqualTo(
                            "{\"recoverable\":true,\"positioned\":true,\"epoch\":\"%s\",\"offset\":0}"
                                    .formatted(epoch(address)));
        }

        var push = next().path("push");
        assertThat(push.path("channel").asText()).isEqualTo("agent:desk/ada");
        assertThat(push.path("pub").path("offset").asLong()).isEqualTo(1);
        assertThat(push.path("pub").path("data").toString())
                .isEqualTo(
                        "{\"event\":\"WorksheetMsg\",\"id\":\"e0\",\"to\":\"agent\",\"pos\":\"%s.0\",\"sent\":0,\"response\":{\"infos\":\"waiting\"}}"
                                .formatted(epoch(ADA)));
        edge.send(FIRST, "role");
        assertThat(text()).isEqualTo("role:desk/first role");
        edge.send(DESK, "你有一条新工单待处理");
        assertThat(text()).isEqualTo("app:desk 你有一条新工单待处理");
    }

    @Test
    void fiveHundredMissedEvents_areRecovered_inOrder() {
        for (int i = 0; i < 501; i++) {
            edge.send(ADA, String.valueOf(i));
        }
        var sub = connect("ada", at(ADA, 1, epoch(ADA))).path("subs").path(ADA.toString());

        assertThat(sub.path("was_recovering").asBoolean()).isTrue();
        assertThat(sub.path("recovered").asBoolean()).isTrue();
        assertThat(sub.path("offset").asLong()).isEqualTo(1);
        var got = new ArrayList<String>();
        while (got.size() < 500) {
            got.add(text());
        }
        for (int i = 0; i < 500; i++) {
            assertThat(got.get(i)).isEqualTo("agent:desk/ada " + (i + 1));
        }
    }

    /// Far behind the first page of what is read.
    @Test
    void recovered_isSaidOnlyIfNothingIsMissing() {
        for (int i = 0; i < 200; i++) {
            edge.send(ADA, String.valueOf(i));
        }
        edge.sendExpired(ADA);
        edge.send(ADA, "201");
        var sub = connect("ada", at(ADA, 1, epoch(ADA))).path("subs").path(ADA.toString());

        assertThat(sub.path("was_recovering").asBoolean()).isTrue();
        assertThat(sub.path("recovered").asBoolean(true)).isFalse();
        for (int i = 1; i < 200; i++) {
            assertThat(text()).isEqualTo("agent:desk/ada " + i);
        }
        // And where the hole is: the subscription ends before it and begins again behind it.
        assertThat(next().path("push").path("unsubscribe").path("code").asInt()).isEqualTo(2500);
        var again = next().path("push").path("subscribe");
        assertThat(again.path("was_recovering").asBoolean()).isTrue();
        assertThat(again.path("recovered").asBoolean(true)).isFalse();
        assertThat(again.path("offset").asLong()).isEqualTo(201);
        assertThat(again.path("data").path("lost").path("expired").asInt()).isEqualTo(1);
        assertThat(text()).isEqualTo("agent:desk/ada 201");
    }

    @Test
    void aPositionOfAnotherLifeOfTheTopic_isNotRecovered() {
        edge.send(ADA, "one");
        for (var epoch : List.of("gone.3", "_", "", "nonsense.x")) {
            var sub = connect("ada", at(ADA, 7, epoch)).path("subs").path(ADA.toString());
            assertThat(sub.path("was_recovering").asBoolean()).as(epoch).isTrue();
            assertThat(sub.path("recovered").asBoolean(true)).as(epoch).isFalse();
            assertThat(sub.path("epoch").asText()).isEqualTo(epoch(ADA));
            assertThat(text()).isEqualTo("agent:desk/ada one");
        }
    }

    @Test
    void positionsOfOthersChannels_areOfNoMeaning() {
        edge.send(ADA, "one");
        var bob = new Address.Agent("desk", "bob");
        var sub = connect("ada", at(bob, 9, epoch(ADA))).path("subs").path(ADA.toString());
        assertThat(sub.has("was_recovering")).isFalse();
        assertThat(text()).isEqualTo("agent:desk/ada one");
    }

    @Test
    void aPong_acknowledgesWhatCameBeforeItsPing() {
        connect("ada");
        edge.send(ADA, "one");
        assertThat(text()).isEqualTo("agent:desk/ada one");
        assertThat(acked()).isEqualTo(-1);
        assertThat(browser.await()).isEqualTo("{}");
        browser.say("{}");
        Awaitility.await().until(() -> acked() == 0);
    }

    @Test
    void onceItAcknowledgesByItself_pongsDoNotCountAnyMore() {
        edge.send(ADA, "one");
        edge.send(ADA, "two");
        connect("ada");
        text();
        text();
        browser.say(
                "{\"id\":2,\"rpc\":{\"method\":\"ack\",\"data\":{\"agent\":\"%s.0\"}}}"
                        .formatted(epoch(ADA)));
        assertThat(next().toString()).isEqualTo("{\"id\":2,\"rpc\":{\"data\":{}}}");
        Awaitility.await().until(() -> acked() == 0);
        edge.send(ADA, "three");
        text();
        browser.say("{}");
        connect("ada"); // another one; what is unacknowledged comes again
        assertThat(text()).isEqualTo("agent:desk/ada two");
        assertThat(acked()).isEqualTo(0);
    }

    @Test
    void aNewTokenWithOtherRoles_movesItsSubscriptions() {
        connect("ada");
        browser.say("{\"id\":2,\"refresh\":{\"token\":\"ada:first\"}}");
        var answers = List.of(next(), next());
        assertThat(answers).anyMatch(it -> it.path("refresh").has("client"));
        assertThat(answers)
                .anyMatch(
                        it ->
                                it.path("push").path("channel").asText().equals("role:desk/first")
                                        && it.path("push").path("subscribe").has("epoch"));
        edge.send(FIRST, "role");
        assertThat(text()).isEqualTo("role:desk/first role");

        browser.say("{\"id\":3,\"refresh\":{\"token\":\"ada\"}}");
        var ended = List.of(next(), next());
        assertThat(ended)
                .anyMatch(it -> it.path("push").path("unsubscribe").path("code").asInt() == 2000);
    }

    @Test
    void refreshForSomebodyElse_closes_forGood() {
        connect("ada");
        browser.say("{\"id\":2,\"refresh\":{\"token\":\"bob\"}}");
        assertThat(browser.awaitClosed()).isEqualTo(4504);
    }

    @Test
    void anEdgeThatDrains_sendsItElsewhere() {
        connect("ada");
        edge.door.tell(Delivery::drain);
        assertThat(browser.awaitClosed()).isEqualTo(3001);
    }
}
