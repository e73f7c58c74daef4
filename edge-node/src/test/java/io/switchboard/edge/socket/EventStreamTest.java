package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EventStreamTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final EdgeInProcess edge = new EdgeInProcess();

    @AfterEach
    void close() {
        edge.close();
    }

    @Test
    void aStream_carriesTheSameFrames_andWhereItStands() throws Exception {
        edge.send(ADA, "one");
        try (var ada = stream("ada")) {
            assertThat(ada.headers.statusCode()).isEqualTo(200);
            assertThat(ada.headers.headers().firstValue("X-Accel-Buffering")).hasValue("no");
            assertThat(ada.headers.headers().firstValue("Cache-Control"))
                    .hasValue("no-store, no-transform");
            assertThat(ada.next().get("data")).contains("\"event\":\"ONLINE\"", "\"unread\":1");
            var event = ada.next();
            assertThat(event.get("data")).contains("\"infos\":\"one\"");
            assertThat(event.get("id")).contains("agent=" + edge.lanes.of(ADA).position(0));
            edge.send(ADA, "two");
            assertThat(ada.next().get("data")).contains("\"infos\":\"two\"");
        }
    }

    @Test
    void lastEventId_resumes() throws Exception {
        edge.send(ADA, "one");
        edge.send(ADA, "two");
        String id;
        try (var ada = stream("ada")) {
            ada.next();
            id = ada.next().get("id");
        }
        try (var ada = stream("ada", "Last-Event-ID", id)) {
            ada.next();
            assertThat(ada.next().get("data")).contains("\"infos\":\"two\"");
        }
    }

    @Test
    void acksAndPublishing_areByPost() throws Exception {
        edge.send(ADA, "one");
        try (var ada = stream("ada")) {
            var online = Json.readObject(ada.next().get("data").getBytes(StandardCharsets.UTF_8));
            var path = "/sse/" + online.path("data").path("connection").asText();
            ada.next();
            var position = edge.lanes.of(ADA).position(0);
            var ack =
                    post(
                            path + "/ack",
                            "{\"event\":\"ACK\",\"data\":{\"agent\":\"" + position + "\"}}");
            assertThat(ack.statusCode()).isEqualTo(204);
            Awaitility.await().until(() -> acked() == 0);
            var published =
                    post(path + "/publish", "{\"event\":\"PUBLISH\",\"id\":\"p\",\"data\":{}}");
            assertThat(published.body()).isEqualTo("{\"event\":\"PUBLISHED\",\"id\":\"p\"}");
            var wrong = post(path + "/publish", "{}");
            assertThat(wrong.body()).contains("10101");
        }
    }

    @Test
    void nobodyElsesConnection_canBePostedTo() throws Exception {
        assertThat(post("/sse/guessed/ack", "{}").statusCode()).isEqualTo(404);
    }

    @Test
    void aBadToken_isRefusedBeforeAStreamBegins_withItsCloseCode() throws Exception {
        var answer =
                HTTP.send(
                        HttpRequest.newBuilder(edge.url("http", "/sse?client_token=bad")).build(),
                        BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("\"code\":4500");
    }

    @Test
    void foreignPages_areRefused() throws Exception {
        var answer =
                HTTP.send(
                        HttpRequest.newBuilder(edge.url("http", "/sse?client_token=ada"))
                                .header("Origin", "https://evil.example")
                                .build(),
                        BodyHandlers.ofString());
        assertThat(answer.body()).contains("\"code\":4507");
    }

    @Test
    void whenItIsClosed_theCodeIsSaid() throws Exception {
        try (var ada = stream("ada")) {
            ada.next();
            edge.door.tell(it -> it.closeWhere(_ -> io.switchboard.schemas.CloseCode.KICKED));
            var last = ada.next();
            assertThat(last.get("event")).isEqualTo("close");
            assertThat(last.get("data")).isEqualTo("{\"code\":4503,\"reason\":\"kicked\"}");
            assertThat(ada.next()).isEmpty();
        }
    }

    @Test
    void aStreamThatLeaves_isForgotten() throws Exception {
        try (var ada = stream("ada")) {
            ada.next();
            Awaitility.await().until(() -> edge.delivery.connections() == 1);
        }
        Awaitility.await().until(() -> edge.delivery.connections() == 0);
    }

    private long acked() {
        return edge.inbox
                .read(edge.lanes.of(ADA), ADA, -1, 1)
                .toCompletableFuture()
                .join()
                .standing()
                .acked();
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(edge.url("http", path))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private Stream stream(String token, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(edge.url("http", "/sse?client_token=" + token));
        for (int i = 0; i + 1 < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return new Stream(HTTP.send(request.build(), BodyHandlers.ofInputStream()));
    }

    private static final class Stream implements AutoCloseable {
        final HttpResponse<InputStream> headers;
        private final BufferedReader lines;

        Stream(HttpResponse<InputStream> response) {
            headers = response;
            lines =
                    new BufferedReader(
                            new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        /// The next message's fields; empty at the end.
        Map<String, String> next() throws IOException {
            var fields = new LinkedHashMap<String, String>();
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty() && !fields.isEmpty()) {
                    return fields;
                }
                int colon = line.indexOf(": ");
                if (colon > 0) {
                    fields.put(line.substring(0, colon), line.substring(colon + 2));
                }
            }
            return fields;
        }

        @Override
        public void close() throws IOException {
            headers.body().close();
        }
    }
}
