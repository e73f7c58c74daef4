package io.switchboard.systemtests.harness;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

/// A process's admin port, as an operator asks it.
///
/// Thread-safe.
public final class AdminPort {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final URI base;

    private AdminPort(URI base) {
        this.base = base;
    }

    public static AdminPort of(Node node) {
        return new AdminPort(URI.create("http://127.0.0.1:" + node.adminPort()));
    }

    public record Answer(int status, ObjectNode body) {
        public static Answer none(UncheckedIOException why) {
            return new Answer(0, Json.object().put("none", String.valueOf(why.getMessage())));
        }

        @Override
        public String toString() {
            return status + " " + body;
        }
    }

    public Answer ready() {
        return ask("/ready");
    }

    public Answer live() {
        return ask("/live");
    }

    public String metrics() {
        return get("/metrics").body();
    }

    private Answer ask(String path) {
        var response = get(path);
        return new Answer(
                response.statusCode(),
                Objects.requireNonNull(
                        Json.readObject(response.body().getBytes(StandardCharsets.UTF_8)),
                        "no JSON object"));
    }

    private HttpResponse<String> get(String path) {
        try {
            return CLIENT.send(
                    HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
