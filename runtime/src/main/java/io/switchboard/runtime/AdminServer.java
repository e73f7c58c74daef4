package io.switchboard.runtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.switchboard.schemas.Json;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The admin port: `/live` (the process runs), `/ready` (503 and the reasons when a check fails),
/// `/health` (every check), `/metrics` (Prometheus), and what a process adds. With a token, all but
/// the first two ask for it.
public final class AdminServer implements AutoCloseable {
    /// What supervisors ask, who have no secrets.
    private static final Set<String> OPEN = Set.of("/live", "/ready");

    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final WebServer server;

    public AdminServer(String host, int port, Health health, PrometheusMeterRegistry registry) {
        this(host, port, null, health, registry, _ -> {});
    }

    /// @param token null: the port is open
    /// @param more adds routes of the process's own
    public AdminServer(
            String host,
            int port,
            @Nullable AdminToken token,
            Health health,
            PrometheusMeterRegistry registry,
            Consumer<HttpRouting.Builder> more) {
        var routing = HttpRouting.builder();
        if (token != null) {
            routing.addFilter((chain, request, response) -> guard(token, chain, request, response));
        }
        routing.get("/live", (_, response) -> send(response, 200, Json.object().put("live", true)));
        routing.get("/ready", (_, response) -> sendReady(response, health.states()));
        routing.get("/health", (_, response) -> sendHealth(response, health.states()));
        routing.get(
                "/metrics",
                (_, response) ->
                        response.header(HeaderNames.CONTENT_TYPE, METRICS_TYPE)
                                .send(registry.scrape()));
        more.accept(routing);
        Gauge.builder("switchboard.ready", health, it -> it.holds() ? 1 : 0)
                .description("1 when every check holds: what /ready says.")
                .register(registry);
        server = HttpPort.open("--admin-port", host, port, routing);
    }

    private static void guard(
            AdminToken token, FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (OPEN.contains(request.path().path())
                || token.isIn(request.headers().first(HeaderNames.AUTHORIZATION).orElse(null))) {
            chain.proceed();
            return;
        }
        response.status(401)
                .header(HeaderNames.WWW_AUTHENTICATE, "Bearer")
                .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send("Authorization: (expected: Bearer and the admin token)\n");
    }

    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
    }

    private static void sendReady(ServerResponse response, Map<String, Health.State> states) {
        var failing = Json.object();
        states.forEach(
                (name, state) -> {
                    if (!state.holds()) {
                        failing.put(name, state.reason());
                    }
                });
        var body = Json.object().put("ready", failing.isEmpty());
        if (!failing.isEmpty()) {
            body.set("failing", failing);
        }
        send(response, failing.isEmpty() ? 200 : 503, body);
    }

    private static void sendHealth(ServerResponse response, Map<String, Health.State> states) {
        var checks = Json.object();
        states.forEach((name, state) -> checks.put(name, state.holds() ? "ok" : state.reason()));
        var ready = Health.hold(states);
        var body = Json.object().put("ready", ready);
        body.set("checks", checks);
        send(response, ready ? 200 : 503, body);
    }

    private static void send(ServerResponse response, int status, ObjectNode body) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .send(Json.bytes(body));
    }
}
