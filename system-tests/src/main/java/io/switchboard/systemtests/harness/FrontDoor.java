package io.switchboard.systemtests.harness;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an upstream system does: POSTs envelopes.
///
/// Thread-safe.
public final class FrontDoor {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final HttpClient CLIENT =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();

    private final URI url;

    public FrontDoor(URI url) {
        this.url = url;
    }

    /// @param status 0 when there was no answer
    /// @param body empty object when it was none
    public record Answer(int status, ObjectNode body) {
        public boolean accepted() {
            return status == 202;
        }

        /// In the order of the targets.
        public List<String> ids() {
            var ids = new ArrayList<String>();
            body.path("ids").forEach(id -> ids.add(id.asText()));
            return ids;
        }
    }

    public Answer post(byte[] envelope, @Nullable String idempotencyKey) {
        var request =
                HttpRequest.newBuilder(url.resolve(TestApp.URL))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(envelope));
        if (idempotencyKey != null) {
            request.header("Idempotency-Key", idempotencyKey);
        }
        try {
            var answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            var body = Json.readObject(answer.body());
            return new Answer(answer.statusCode(), body == null ? Json.object() : body);
        } catch (IOException _) {
            return new Answer(0, Json.object());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending", e);
        }
    }
}
