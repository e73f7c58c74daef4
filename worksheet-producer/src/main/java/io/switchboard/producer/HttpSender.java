package io.switchboard.producer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// To the front door.
///
/// *Used by one thread.*
final class HttpSender implements Sender {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    /// Longer than the front door waits for Kafka.
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private static final Duration PERIOD = Duration.ofMillis(200);

    private final URI front;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT)
                    .build();
    private String token = "";

    HttpSender(URI front) {
        if (front.getScheme() == null || !front.getScheme().startsWith("http")) {
            throw new Unusable("--front: '%s' (expected: http://host:port)".formatted(front));
        }
        this.front = front;
    }

    @Override
    public List<String> send(ObjectNode envelope) throws InterruptedException {
        token = envelope.path("chat_token").asText();
        var answer =
                ask(
                        HttpRequest.newBuilder(uri(envelope.path("url").asText()))
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofByteArray(
                                                Json.bytes(envelope))));
        if (answer.statusCode() != 202) {
            throw new Failure(sentence(answer));
        }
        var ids = new ArrayList<String>();
        json(answer).path("ids").forEach(each -> ids.add(each.asText()));
        return ids;
    }

    @Override
    public void awaitAcknowledged(List<String> ids, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        for (var id : ids) {
            var state = state(id);
            while (!"acknowledged".equals(state)) {
                if (state != null && List.of("dropped", "expired", "rejected").contains(state)) {
                    throw new Failure("event %s was %s".formatted(id, state));
                }
                if (System.nanoTime() > deadline) {
                    throw new Failure(
                            "event %s is %s after %d s (expected: acknowledged)"
                                    .formatted(id, state, patience.toSeconds()));
                }
                Thread.sleep(PERIOD);
                state = state(id);
            }
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private @Nullable String state(String id) throws InterruptedException {
        var path = "/events/" + URLEncoder.encode(id, StandardCharsets.UTF_8);
        var answer =
                ask(
                        HttpRequest.newBuilder(uri(path))
                                .header("Authorization", "Bearer " + token)
                                .GET());
        return switch (answer.statusCode()) {
            case 200 -> json(answer).path("state").asText();
            case 404, 503 -> null;
            default -> throw new Failure(sentence(answer));
        };
    }

    private HttpResponse<byte[]> ask(HttpRequest.Builder request) throws InterruptedException {
        try {
            return client.send(
                    request.timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new Failure(
                    "the front door %s does not answer%s (expected: `./switchboard up` runs, or --front URL)"
                            .formatted(front, e.getMessage() == null ? "" : ": " + e.getMessage()),
                    e);
        }
    }

    private URI uri(String path) {
        try {
            return URI.create(front.toString().replaceAll("/+$", "") + path);
        } catch (IllegalArgumentException _) {
            throw new Failure("url: '%s' (expected: a path as /worksheet/…)".formatted(path));
        }
    }

    private static String sentence(HttpResponse<byte[]> answer) {
        var problem = json(answer);
        return "refused with %d %s: %s"
                .formatted(
                        answer.statusCode(),
                        problem.path("title").asText(),
                        problem.path("detail").asText());
    }

    private static JsonNode json(HttpResponse<byte[]> answer) {
        var object = Json.readObject(answer.body());
        return object == null ? Json.object() : object;
    }
}
