package io.switchboard.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Asks another process on its admin port. Where that cannot be reached nothing is known: an
/// answer, not an error.
///
/// Thread-safe.
public final class AdminClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final @Nullable AdminToken token;

    /// With the token that `SWITCHBOARD_ADMIN_TOKEN_FILE` names, if it does.
    public AdminClient() {
        this(AdminToken.ofEnvironment());
    }

    public AdminClient(@Nullable AdminToken token) {
        this.token = token;
    }

    /// @param admin `http://host:port`
    /// @return null when nothing that can be read came within a second
    public @Nullable ObjectNode json(String admin, String path) {
        var bytes = get(admin + path);
        return bytes == null ? null : Json.readObject(bytes);
    }

    public @Nullable String text(String admin, String path) {
        var bytes = get(admin + path);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private byte @Nullable [] get(String url) {
        try {
            var request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE);
            if (token != null) {
                request.header("Authorization", token.header());
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()).body();
        } catch (IOException | IllegalArgumentException _) {
            return null;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
