package io.switchboard.producer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.switchboard.inbox.EdgeNotice;
import io.switchboard.inbox.InMemoryLeases;
import io.switchboard.inbox.InboxAway;
import io.switchboard.inbox.InboxInspection;
import io.switchboard.runtime.AdminClient;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.HttpPort;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.runtime.Metrics;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `GET /agents/{app}/{uuid}`, and what Redis adds to `GET /events/{id}`.
final class AgentLookupTest {
    private static final Address.Agent ADA = new Address.Agent("helpdesk", "ada");
    private static final EventsTopic TOPIC = new EventsTopic("worksheet.events", "Tag123", 4);
    private static final LaneId LANE = TOPIC.laneOf(ADA);
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 7);
    private static final EdgeRef DEAD = new EdgeRef("edge-2", 3);

    private final InMemoryLeases leases = new InMemoryLeases(() -> Fixture.NOW);
    private final FakeInboxes redis = new FakeInboxes();
    private final HttpClient client = HttpClient.newHttpClient();
    private final AdminClient edges = new AdminClient();
    private WebServer edge;
    private @Nullable WebServer server;

    @BeforeEach
    void startEdge() {
        edge =
                HttpPort.open(
                        "--admin-port",
                        "127.0.0.1",
                        0,
                        HttpRouting.builder()
                                .get(
                                        "/agents/helpdesk/ada",
                                        (_, response) ->
                                                response.send(
                                                        "{\"connections\":[{\"since\":\"2026-01-01T10:00:00Z\"},{\"since\":\"2026-01-01T09:00:00Z\"}]}")));
    }

    @AfterEach
    void stop() {
        client.close();
        edges.close();
        edge.stop();
        if (server != null) {
            server.stop();
        }
    }

    @Test
    void agentAtAnEdge_isOnlineThere_sinceItsFirstConnection() throws Exception {
        lease("http://127.0.0.1:" + edge.port());
        redis.view =
                view(
                        List.of(EDGE, DEAD),
                        2,
                        new InboxInspection.Oldest(5, "w-1", Instant.EPOCH, Fixture.NOW));
        start(this::inboxes);

        var said = get("/agents/helpdesk/ada", Fixture.TOKEN);

        assertThat(said.statusCode()).isEqualTo(200);
        assertThat(said.body())
                .isEqualTo(
                        "{\"agent\":\"agent:helpdesk/ada\",\"online\":true,\"since\":\"2026-01-01T09:00:00Z\",\"connections\":2,"
                                + "\"edges\":[{\"edge\":\"edge-1\",\"since\":\"2026-01-01T09:00:00Z\",\"connections\":2}],\"unread\":2,"
                                + "\"oldest_unread\":{\"id\":\"w-1\",\"pos\":\"%s\",\"at\":\"1970-01-01T00:00:00Z\",\"expires\":\"%s\"}}"
                                        .formatted(LANE.position(5), Fixture.NOW));
    }

    @Test
    void edgeThatCannotBeAsked_leavesNulls() throws Exception {
        lease("http://127.0.0.1:1");
        redis.view = view(List.of(EDGE), 0, null);
        start(this::inboxes);

        var said = json(get("/agents/helpdesk/ada", Fixture.TOKEN));

        assertThat(said.path("online").asBoolean()).isTrue();
        assertThat(said.path("connections").isNull()).isTrue();
        assertThat(said.path("since").isNull()).isTrue();
        assertThat(said.path("oldest_unread").isNull()).isTrue();
    }

    @Test
    void whoIsNowhere_isAway_evenIfNobodyEverHeardOfThem() throws Exception {
        lease("http://127.0.0.1:" + edge.port()); // of an edge where she is not
        redis.view = view(List.of(DEAD), 0, null);
        start(this::inboxes);

        var said = json(get("/agents/helpdesk/ada", Fixture.TOKEN));

        assertThat(said.path("online").asBoolean()).isFalse();
        assertThat(said.path("connections").asInt(-1)).isZero();
        assertThat(said.path("edges")).isEmpty();
    }

    @Test
    void onlyTheAppItself_mayAsk() throws Exception {
        start(this::inboxes);

        assertRefused(get("/agents/helpdesk/ada", "guess"), 401, "Authorization");
        assertRefused(get("/agents/shut/ada", "shut-token"), 403, "blocked");
        assertRefused(get("/agents/helpdesk/ada", "other-token"), 404, "not of app");
        assertRefused(
                get("/agents/helpdesk", Fixture.TOKEN), 400, "expected: /agents/<app>/<uuid>");
    }

    @Test
    void withoutRedis_itIsSaidSo() throws Exception {
        start(null);

        assertRefused(get("/agents/helpdesk/ada", Fixture.TOKEN), 501, "without --redis");
    }

    @Test
    void redisAway_isTransient() throws Exception {
        start(
                () -> {
                    throw new InboxAway("x", new IllegalStateException("y"));
                });

        var refused = get("/agents/helpdesk/ada", Fixture.TOKEN);
        assertRefused(refused, 503, "Redis does not answer");
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        var event = json(get("/events/w-1", Fixture.TOKEN));
        assertThat(event.path("inbox").isNull()).isTrue();
        assertThat(event.path("inbox_detail").asText()).isEqualTo("Redis does not answer");
    }

    @Test
    void event_saysHowItStandsInItsInbox() throws Exception {
        lease("http://127.0.0.1:1");
        start(this::inboxes);

        assertThat(stateAt(-1, -1, -1)).isEqualTo("not-stored");
        assertThat(stateAt(5, -1, -1)).isEqualTo("unread");
        assertThat(stateAt(7, 5, 5)).isEqualTo("acknowledged");
        assertThat(stateAt(7, 4, 5)).isEqualTo("ended");
    }

    /// Of the event at offset 5.
    private String stateAt(long top, long acked, long settled) throws Exception {
        redis.view =
                new InboxInspection.AddressView(
                        ADA, true, top, acked, settled, 1, List.of(EDGE), null);
        var inbox = json(get("/events/w-1", Fixture.TOKEN)).path("inbox");
        assertThat(inbox.path("online").asBoolean()).isTrue();
        assertThat(inbox.path("edges").get(0).asText()).isEqualTo("edge-1");
        return inbox.path("state").asText();
    }

    private void lease(String admin) {
        leases.take(EDGE, new EdgeNotice("ws://x", admin, 1, false, 8), Duration.ofMinutes(1));
    }

    private static InboxInspection.AddressView view(
            List<EdgeRef> at, long unread, InboxInspection.@Nullable Oldest oldest) {
        return new InboxInspection.AddressView(ADA, true, 5, -1, -1, unread, at, oldest);
    }

    private Inboxes inboxes() {
        return new Inboxes(() -> TOPIC, redis, leases, edges);
    }

    private void start(@Nullable Supplier<Inboxes> inboxes) {
        var routing = HttpRouting.builder();
        var index = new EventIndex(10);
        index.onAccepted(
                "w-1",
                new EventIndex.Accepted("/x", ADA, new Position("Tag123", LANE.partition(), 5)));
        new FrontDoor(
                        Fixture::apps,
                        (_, _, _, _) -> new CompletableFuture<>(),
                        new EventLookup(index, (_, _) -> new EventsLog.Answer.Nothing(), inboxes),
                        inboxes,
                        () -> Fixture.NOW,
                        new Admission(2, 1024),
                        new LaneLayout("worksheet.events", () -> {}),
                        new Meters(Metrics.registry(), null, "worksheet.events"))
                .routing(routing);
        server = HttpPort.open("--port", "127.0.0.1", 0, routing);
    }

    private HttpResponse<String> get(String path, String token) throws Exception {
        assertThat(server).isNotNull();
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.readObject(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String detail) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertThat(json(answer).path("detail").asText()).contains(detail);
    }

    private static final class FakeInboxes implements InboxInspection {
        AddressView view = view(List.of(), 0, null);

        @Override
        public CompletionStage<LaneView> lane(LaneId lane) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<AddressView> address(LaneId lane, Address address) {
            return CompletableFuture.completedFuture(view);
        }

        @Override
        public CompletionStage<Page> addresses(LaneId lane, String cursor) {
            throw new UnsupportedOperationException();
        }
    }
}
