package io.switchboard.operator;

import io.switchboard.schemas.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an edge node says of itself on its admin port, which by convention is 100 above the port
/// that browsers connect to. Behind a balancer it is not there: then nothing is known.
///
/// Thread-safe.
final class EdgeAdmin implements AutoCloseable {
    private static final int ADMIN = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Pattern CONNECTIONS =
            Pattern.compile("(?m)^switchboard_connections(?:\\{[^}]*})? (\\S+)$");

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /// @param state `ready`, or the reasons why it is not
    record Said(String state, OptionalLong connections) {}

    /// @param address of the lease: what browsers connect to
    @Nullable Said ask(String address) {
        try {
            var uri = URI.create(address);
            if (uri.getHost() == null || uri.getPort() < 0) {
                return null;
            }
            var admin = "http://%s:%d".formatted(uri.getHost(), uri.getPort() + ADMIN);
            var health = Json.readObject(get(admin + "/health"));
            if (health == null || !health.has("checks")) {
                return null;
            }
            var failing = new StringBuilder();
            health.path("checks")
                    .properties()
                    .forEach(
                            check -> {
                                if (!check.getValue().asText().equals("ok")) {
                                    failing.append(failing.isEmpty() ? "" : ", ")
                                            .append(check.getKey())
                                            .append(": ")
                                            .append(check.getValue().asText());
                                }
                            });
            return new Said(
                    failing.isEmpty() ? "ready" : failing.toString(),
                    connections(
                            new String(
                                    get(admin + "/metrics"),
                                    java.nio.charset.StandardCharsets.UTF_8)));
        } catch (IOException | IllegalArgumentException _) {
            return null;
        }
    }

    static OptionalLong connections(String metrics) {
        var matcher = CONNECTIONS.matcher(metrics);
        return matcher.find()
                ? OptionalLong.of((long) Double.parseDouble(matcher.group(1)))
                : OptionalLong.empty();
    }

    private byte[] get(String url) throws IOException {
        try {
            var request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
