package io.switchboard.quickstart;

import io.switchboard.operator.Example;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Sends the worked example's worksheet, as any worksheet system would: by HTTP.
///
/// Thread-safe.
final class FrontDoorClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int ACCEPTED = 202;

    private final URI url;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(PATIENCE)
                    .build();

    FrontDoorClient(int port) {
        this.url = URI.create("http://127.0.0.1:%d%s".formatted(port, Example.URL));
    }

    /// One worksheet, and when.
    ///
    /// @param begunMillis on the wall clock, `begunNanos` on the monotonic one: before the POST
    /// @param acceptedNanos when the 202 was there
    record Sent(String id, String uuid, long begunMillis, long begunNanos, long acceptedNanos) {}

    /// @throws Failure when it is answered by anything but 202 with one id
    Sent send(String uuid) throws InterruptedException {
        var envelope = Json.object().put("url", Example.URL).put("chat_token", Example.CHAT_TOKEN);
        envelope.putArray("data")
                .addObject()
                .put("uuid", uuid)
                .putObject("data")
                .put("type", Example.TYPE)
                .put("infos", Example.INFOS);
        var request =
                HttpRequest.newBuilder(url)
                        .timeout(PATIENCE)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(envelope)))
                        .build();
        var begunMillis = System.currentTimeMillis();
        var begun = System.nanoTime();
        try {
            var answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            var accepted = System.nanoTime();
            var body = Json.readObject(answer.body());
            var id = body == null ? "" : body.path("ids").path(0).asText();
            if (answer.statusCode() != ACCEPTED || id.isEmpty()) {
                throw new Failure(
                        "the front door answered %d: %s (expected: 202 with an id)"
                                .formatted(answer.statusCode(), body));
            }
            return new Sent(id, uuid, begunMillis, begun, accepted);
        } catch (IOException e) {
            throw new Failure("the front door did not answer: " + e, e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
