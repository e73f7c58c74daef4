package io.switchboard.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.switchboard.producer.Fixture.FakeSink;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.HttpPort;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.runtime.Metrics;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Target;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FrontDoorTest {
    private final FakeSink sink = new FakeSink();
    private final EventIndex index = new EventIndex(100);
    private final AtomicReference<EventsLog.Answer> log =
            new AtomicReference<>(new EventsLog.Answer.Nothing());
    private final AtomicReference<Apps> apps = new AtomicReference<>(Fixture.apps());
    private final Meters counters = new Meters(Metrics.registry(), null, "worksheet.events");
    private final Admission admission = new Admission(2, 3 * 1024 * 1024);
    private final LaneLayout layout = new LaneLayout("worksheet.events", () -> {});
    private final HttpClient client = HttpClient.newHttpClient();
    private WebServer server;

    @BeforeEach
    void start() {
        var routing = HttpRouting.builder();
        new FrontDoor(
                        apps::get,
                        sink,
                        new EventLookup(index, (_, _) -> log.get(), null),
                        null,
                        () -> Fixture.NOW,
                        admission,
                        layout,
                        counters)
                .routing(routing);
        server = HttpPort.open("--port", "127.0.0.1", 0, routing);
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop();
        assertThat(admission.requests()).as("given back").isZero();
        assertThat(admission.bytes()).as("given back").isZero();
    }

    @Test
    void seedsBody_isAppended_andItsCoordinatesAreItsId() throws Exception {
        var answer = post(Fixture.SEED);

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.body()).isEqualTo("{\"ids\":[\"Tag123.3.0\"]}");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        var appended = sink.appended.getFirst();
        assertThat(appended.app()).isEqualTo("helpdesk");
        assertThat(appended.target().to()).isEqualTo(new Target.ToAgent(Fixture.UUID));
        assertThat(appended.target().payload())
                .isEqualTo(
                        Json.MAPPER.readTree(
                                "{\"type\":\"new_worksheet_to_deal\",\"infos\":\"你有一条新工单待处理\"}"));
        assertThat(counters.value(ProducerCounter.EVENTS_ACCEPTED)).isEqualTo(1);
    }

    @Test
    void ids_comeInTargetOrder_ownOnesAsTheyAre() throws Exception {
        var answer =
                post(
                        body(
                                "{\"uuid\":\"a\",\"data\":1},{\"role\":\"boss\",\"id\":\"mine\",\"data\":2},{\"all\":true,\"data\":3}"));

        assertThat(answer.body()).isEqualTo("{\"ids\":[\"Tag123.3.0\",\"mine\",\"Tag123.3.2\"]}");
        assertThat(sink.appended)
                .extracting(each -> each.target().to())
                .containsExactly(
                        new Target.ToAgent("a"), new Target.ToRole("boss"), new Target.ToAll());
    }

    @Test
    void idempotencyKey_namesTheEvents_bareOrQuoted() throws Exception {
        var two = body("{\"uuid\":\"a\",\"data\":1},{\"uuid\":\"b\",\"data\":2}");

        assertThat(send(request(two).header("Idempotency-Key", "order-7")).body())
                .isEqualTo("{\"ids\":[\"order-7#0\",\"order-7#1\"]}");
        assertThat(send(request(two).header("Idempotency-Key", "\"order-7\"")).body())
                .isEqualTo("{\"ids\":[\"order-7#0\",\"order-7#1\"]}");
        assertThat(sink.appended)
                .extracting(each -> each.target().id())
                .containsExactly("order-7#0", "order-7#1", "order-7#0", "order-7#1");
        assertRefused(
                send(request(two).header("Idempotency-Key", "not ok")),
                400,
                "Idempotency-Key: 'not ok' (expected: ");
    }

    @Test
    void traceparent_isCarriedAlong() throws Exception {
        send(request(Fixture.SEED).header("traceparent", "00-abc-def-01"));

        assertThat(sink.appended.getFirst().trace().lastHeader("traceparent").value())
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("00-abc-def-01");
    }

    @Test
    void tokenMayComeAsABearer() throws Exception {
        var bare = Fixture.SEED.replace("\"chat_token\":\"sdfd3sdfsd3324cx\",", "");

        assertThat(post(bare).statusCode()).isEqualTo(401);
        assertThat(
                        send(request(bare).header("Authorization", "Bearer " + Fixture.TOKEN))
                                .statusCode())
                .isEqualTo(202);
    }

    @Test
    void malformedJson_is400() throws Exception {
        for (var body : List.of("", "{", "[]", "nonsense", Fixture.SEED + "}")) {
            var answer = post(body);

            assertRefused(answer, 400, "the body is not a JSON object (expected: {");
            assertThat(json(answer).path("code").asInt()).isEqualTo(10201);
        }
    }

    @Test
    void everyBadField_isNamed_andNothingIsSent() throws Exception {
        var answer =
                post(
                        body(
                                """
                                {"uuid":"good","data":1},
                                {"uuid":7,"data":1},
                                {"uuid":"a","role":"boss","data":1},
                                {"role":"king","data":1},
                                {"uuid":"a"},
                                {"uuid":"a","data":1,"ttl":0},
                                {"uuid":"a","data":1,"deliver_at":"tomorrow"},
                                {"uuid":"a","data":1,"deliver_at":"2026-01-02T12:00:01Z"},
                                {"uuid":"a","data":1,"id":"x"},
                                {"uuid":"b","data":1,"id":"x"},
                                {"all":false,"data":1},
                                {"uuid":"a","data":"%s"}
                                """
                                        .formatted("x".repeat(256 * 1024 + 1))));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        var problem = json(answer);
        assertThat(problem.path("type").asText())
                .isEqualTo("urn:switchboard:problem:fields-are-wrong");
        assertThat(problem.path("status").asInt()).isEqualTo(422);
        assertThat(problem.path("errors"))
                .extracting(each -> each.path("pointer").asText() + " " + each.path("code").asInt())
                .containsExactlyInAnyOrder(
                        "/data/1/uuid 10202",
                        "/data/2 10202",
                        "/data/3/role 10206",
                        "/data/4/data 10202",
                        "/data/5/ttl 10202",
                        "/data/6/deliver_at 10202",
                        "/data/7/deliver_at 10202",
                        "/data/9/id 10202",
                        "/data/10/all 10202",
                        "/data/11/data 10207");
        assertThat(problem.path("errors").toString())
                .contains("\\\"king\\\" (expected: a role of app helpdesk: agent, boss)")
                .contains("\\\"x\\\" is also that of /data/8");
        assertThat(sink.appended).isEmpty();
    }

    @Test
    void missingData_andEmptyData_andAnotherUrl_areNamed() throws Exception {
        assertRefused(
                post("{\"url\":\"" + Fixture.URL + "\",\"chat_token\":\"x\"}"),
                422,
                "/data: missing (expected: a list of 1 to 10000 targets)");
        assertRefused(post(body("")), 422, "/data: [] (expected: a list");
        assertRefused(
                post(Fixture.SEED.replace("send-message", "other")),
                422,
                "/url: \"/worksheet/other\" (expected: the path of the request, " + Fixture.URL);
    }

    @Test
    void wrongToken_is401_andABlockedApp403() throws Exception {
        var wrong = post(Fixture.SEED.replace(Fixture.TOKEN, "guess"));
        assertRefused(wrong, 401, "/chat_token: no app has this token");
        assertThat(wrong.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
        assertThat(wrong.body()).doesNotContain("guess");

        assertRefused(
                post(Fixture.SEED.replace(Fixture.TOKEN, "shut-token")),
                403,
                "app shut is blocked");
        assertThat(sink.appended).isEmpty();
    }

    @Test
    void routes_comeAndGoWithTheAppsFile() throws Exception {
        assertRefused(
                send(HttpRequest.newBuilder(uri("/other")).POST(BodyPublishers.ofString("{}"))),
                404,
                "/other: no such url (expected: one of /worksheet/send-message)");

        apps.set(new Apps(apps.get().apps(), java.util.Map.of()));

        assertRefused(post(Fixture.SEED), 404, "/worksheet/send-message: no such url");
    }

    @Test
    void otherMethods_are405_andSayWhich() throws Exception {
        var answer = send(HttpRequest.newBuilder(uri(Fixture.URL)).GET());

        assertRefused(answer, 405, "GET (expected: POST)");
        assertThat(answer.headers().firstValue("Allow")).hasValue("POST");
        assertRefused(
                send(HttpRequest.newBuilder(uri("/events/x")).DELETE()),
                405,
                "DELETE (expected: GET)");
    }

    @Test
    void otherMediaTypes_are415() throws Exception {
        assertRefused(
                send(post("text/plain", Fixture.SEED)),
                415,
                "Content-Type: text/plain (expected: application/json, in UTF-8)");
        assertRefused(
                send(post("application/json; charset=gbk", Fixture.SEED)), 415, "charset=gbk");
        assertRefused(
                send(request(Fixture.SEED).header("Content-Encoding", "gzip")),
                400,
                "Content-Encoding");
        assertThat(send(post("application/json; charset=UTF-8", Fixture.SEED)).statusCode())
                .isEqualTo(202);
    }

    @Test
    void moreThan2MiB_is413_announcedOrNot() throws Exception {
        var large = "x".repeat(2 * 1024 * 1024 + 1);
        assertRefused(
                post(large), 413, "the body: 2097153 bytes (expected: at most 2097152 bytes)");

        var chunked = send(chunked(4));
        assertRefused(chunked, 413, "the body: more than that (expected: at most 2097152 bytes)");
        assertThat(post(Fixture.SEED).statusCode()).as("it goes on").isEqualTo(202);
    }

    @Test
    void bodyWithoutEnd_isNotReadForEver() throws Exception {
        try {
            assertThat(send(chunked(1_000)).statusCode()).isEqualTo(413);
        } catch (java.io.IOException _) {
            // The connection was closed while we were still sending, which is as good.
        }
        assertThat(post(Fixture.SEED).statusCode()).as("it goes on").isEqualTo(202);
    }

    @Test
    void refusedBody_leavesTheConnectionUsable() throws Exception {
        var large = "x".repeat(1024 * 1024);

        assertThat(send(post("text/plain", large)).statusCode()).isEqualTo(415);
        assertThat(
                        send(HttpRequest.newBuilder(uri("/none"))
                                        .POST(BodyPublishers.ofString(large)))
                                .statusCode())
                .isEqualTo(404);
        assertThat(post(Fixture.SEED).statusCode()).isEqualTo(202);
    }

    @Test
    void exactly2MiB_isTaken() throws Exception {
        var targets =
                String.join(
                        ",",
                        IntStream.range(0, 10)
                                .mapToObj(
                                        n ->
                                                "{\"uuid\":\"u\",\"data\":\"%s\"}"
                                                        .formatted("x".repeat(200_000)))
                                .toList());
        var body = body(targets);
        body += " ".repeat(2 * 1024 * 1024 - body.length());

        assertThat(post(body).statusCode()).isEqualTo(202);
    }

    @Test
    void kafkaAway_is503WithRetryAfter_andAsksKafkaOnce() throws Exception {
        sink.answer = _ -> CompletableFuture.failedFuture(new IllegalStateException("away"));

        var answer = post(body("{\"uuid\":\"a\",\"data\":1},{\"uuid\":\"b\",\"data\":2}"));

        assertRefused(answer, 503, "0 of 2 events are known to be stored");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(json(answer).path("ids").toString()).isEqualTo("[null,null]");
        assertThat(sink.appended).as("the second would only wait as long again").hasSize(1);
        assertThat(counters.value(ProducerCounter.REQUESTS_AWAY)).isEqualTo(1);
    }

    @Test
    void someStored_is503_andNamesThose() throws Exception {
        sink.answer =
                n ->
                        n == 1
                                ? CompletableFuture.supplyAsync(
                                        () -> {
                                            throw new IllegalStateException("timed out");
                                        })
                                : CompletableFuture.completedFuture(new Position("Tag123", 3, n));

        var answer =
                send(
                        request(
                                        body(
                                                "{\"uuid\":\"a\",\"data\":1},{\"uuid\":\"b\",\"data\":2},{\"uuid\":\"c\",\"data\":3}"))
                                .header("Idempotency-Key", "k"));

        assertThat(answer.statusCode()).isEqualTo(503);
        var ids = json(answer).path("ids");
        assertThat(ids.get(0).asText()).isEqualTo("k#0");
        assertThat(ids.get(1).isNull()).isTrue();
        assertThat(counters.value(ProducerCounter.REQUESTS_ACCEPTED)).isZero();
    }

    @Test
    void tooMuchInHand_is503AtOnce() throws Exception {
        var held = new CompletableFuture<Position>();
        sink.answer = _ -> held;
        var first = client.sendAsync(request(Fixture.SEED).build(), strings());
        var second = client.sendAsync(request(Fixture.SEED).build(), strings());
        await().until(() -> sink.appended.size() == 2);

        var third = post(Fixture.SEED);

        assertRefused(third, 503, "too many requests are in hand");
        assertThat(third.headers().firstValue("Retry-After")).isPresent();
        assertThat(counters.value(ProducerCounter.REQUESTS_OVERLOADED)).isEqualTo(1);
        held.complete(new Position("Tag123", 1, 1));
        assertThat(first.get().statusCode()).isEqualTo(202);
        assertThat(second.get().statusCode()).isEqualTo(202);
        assertThat(post(Fixture.SEED).statusCode()).isEqualTo(202);
    }

    @Test
    void whileLanesGrow_nothingIsAccepted_andThenItIs() throws Exception {
        var at = Instant.parse("2026-11-24T18:00:00Z");
        for (var step : ControlCommand.Lanes.Step.values()) {
            var said =
                    new ControlCommand.Lanes(
                            "worksheet.events", "Tag123", step, 2, 4, List.of(), at);
            layout.hear(new ControlCommand.Read(said.keyText(), said));
            boolean done = step == ControlCommand.Lanes.Step.DONE;
            var answer = post(Fixture.SEED);
            assertThat(answer.statusCode()).as("%s", step).isEqualTo(done ? 202 : 503);
            if (!done) {
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                assertThat(answer.body()).contains("urn:switchboard:problem:lanes-grow");
            }
            assertThat(sink.appended).hasSize(done ? 1 : 0);
        }
    }

    @Test
    void doorThatIsShut_letsThoseInsideFinish_andNobodyElseIn() throws Exception {
        var held = new CompletableFuture<Position>();
        sink.answer = _ -> held;
        var inside = client.sendAsync(request(Fixture.SEED).build(), strings());
        await().until(() -> sink.appended.size() == 1);
        var shut =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                admission.shut(Duration.ofSeconds(30));
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });

        await().until(() -> post(Fixture.SEED).statusCode() == 503);
        assertThat(shut).isNotDone();
        held.complete(new Position("Tag123", 1, 1));

        assertThat(inside.get().statusCode()).isEqualTo(202);
        shut.get();
    }

    @Test
    void bug_is500_withoutItsInsides() throws Exception {
        sink.answer =
                _ -> {
                    throw new IllegalStateException("inside");
                };

        var answer = post(Fixture.SEED);

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).doesNotContain("inside");
        assertThat(counters.value(ProducerCounter.REQUESTS_FAILED)).isEqualTo(1);
    }

    @Test
    void acceptedEvent_isFoundAtOnce_andItsReceiptsLater() throws Exception {
        send(request(Fixture.SEED).header("Idempotency-Key", "k"));
        send(request(Fixture.SEED).header("Idempotency-Key", "k"));
        assertThat(lookup("k%230", Fixture.TOKEN).body())
                .isEqualTo(
                        "{\"id\":\"k#0\",\"state\":\"accepted\",\"ended\":false,\"url\":\"/worksheet/send-message\",\"address\":\"agent:helpdesk/%s\",\"pos\":\"Tag123.3.0\",\"receipts\":[],\"inbox\":null,\"inbox_detail\":\"this front door was started without --redis\"}"
                                .formatted(Fixture.UUID));

        index.onReceipt(receipt("k#0", Receipt.Kind.STORED));
        assertThat(json(lookup("k%230", Fixture.TOKEN)).path("state").asText()).isEqualTo("stored");
        index.onReceipt(receipt("k#0", Receipt.Kind.EXPIRED));
        index.onReceipt(receipt("k#0", Receipt.Kind.ACKNOWLEDGED));
        index.onReceipt(receipt("k#0", Receipt.Kind.DROPPED));

        var last = json(lookup("k%230", Fixture.TOKEN));
        assertThat(last.path("state").asText()).as("the highest rank").isEqualTo("acknowledged");
        assertThat(last.path("ended").asBoolean()).isTrue();
        assertThat(last.path("receipts"))
                .extracting(each -> each.path("receipt").asText())
                .containsExactly("acknowledged", "dropped", "expired", "stored");
    }

    @Test
    void eventOfAnotherApp_isNotFound_andNobodyAsksWithoutAToken() throws Exception {
        post(Fixture.SEED);

        assertThat(lookup("Tag123.3.0", Fixture.TOKEN).statusCode()).isEqualTo(200);
        assertRefused(lookup("Tag123.3.0", "other-token"), 404, "Tag123.3.0: nothing is known");
        assertRefused(lookup("Tag123.3.0", "guess"), 401, "Authorization: (expected: Bearer");
        assertRefused(lookup("Tag123.3.0", "shut-token"), 403, "app shut is blocked");
        assertRefused(send(HttpRequest.newBuilder(uri("/events/Tag123.3.0")).GET()), 401, "Bearer");
    }

    @Test
    void eventThatOnlyTheLogKnows_isFoundByItsCoordinates() throws Exception {
        log.set(
                new EventsLog.Answer.Found(
                        new EventIndex.Accepted(
                                Fixture.URL,
                                new Address.Agent("helpdesk", "a"),
                                new Position("Tag123", 3, 99))));

        assertThat(json(lookup("Tag123.3.99", Fixture.TOKEN)).path("state").asText())
                .isEqualTo("accepted");
        assertThat(lookup("no-coordinates", Fixture.TOKEN).statusCode()).isEqualTo(404);
        log.set(new EventsLog.Answer.Away("no answer"));
        assertRefused(lookup("Tag123.3.99", Fixture.TOKEN), 503, "no answer");
    }

    @Test
    void rejectedEvent_saysWhy() throws Exception {
        index.onReceipt(
                new Receipt(
                        "Tag123.0.5",
                        Receipt.Kind.REJECTED,
                        null,
                        null,
                        Fixture.NOW,
                        null,
                        ErrorCode.ROLE_IS_UNKNOWN,
                        "role: 'king'"));

        var found = json(lookup("Tag123.0.5", Fixture.TOKEN));

        assertThat(found.path("state").asText()).isEqualTo("rejected");
        assertThat(found.path("receipts").get(0).toString())
                .isEqualTo(
                        "{\"receipt\":\"rejected\",\"at\":\"2026-01-01T12:00:00Z\",\"code\":10206,\"msg\":\"role is unknown\",\"detail\":\"role: 'king'\"}");
    }

    private static Receipt receipt(String id, Receipt.Kind kind) {
        return new Receipt(
                id,
                kind,
                new Address.Agent("helpdesk", Fixture.UUID),
                null,
                Fixture.NOW,
                null,
                null,
                null);
    }

    private HttpRequest.Builder chunked(int mebibytes) {
        return HttpRequest.newBuilder(uri(Fixture.URL))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofInputStream(() -> endless(mebibytes)));
    }

    private static InputStream endless(int mebibytes) {
        var chunk = "x".repeat(1024 * 1024).getBytes(StandardCharsets.UTF_8);
        return new SequenceInputStream(
                Collections.enumeration(
                        IntStream.range(0, mebibytes)
                                .mapToObj(_ -> new java.io.ByteArrayInputStream(chunk))
                                .toList()));
    }

    private static String body(String targets) {
        return "{\"url\":\"%s\",\"chat_token\":\"%s\",\"data\":[%s]}"
                .formatted(Fixture.URL, Fixture.TOKEN, targets);
    }

    private void assertRefused(HttpResponse<String> answer, int status, String detail) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertThat(json(answer).path("status").asInt()).isEqualTo(status);
        assertThat(json(answer).path("detail").asText()).contains(detail);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return Json.readObject(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> lookup(String id, String token) throws Exception {
        return send(
                HttpRequest.newBuilder(uri("/events/" + id))
                        .header("Authorization", "Bearer " + token)
                        .GET());
    }

    private HttpResponse<String> post(String body) throws Exception {
        return send(request(body));
    }

    private HttpRequest.Builder request(String body) {
        return post("application/json", body);
    }

    private HttpRequest.Builder post(String type, String body) {
        return HttpRequest.newBuilder(uri(Fixture.URL))
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), strings());
    }

    private static HttpResponse.BodyHandler<String> strings() {
        return HttpResponse.BodyHandlers.ofString();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }
}
