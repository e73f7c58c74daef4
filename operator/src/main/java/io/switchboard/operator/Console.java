package io.switchboard.operator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The operator's page, and what it asks: each question is one of the tools, each deed as well.
///
/// Only who has the token is answered. It comes in a header that no other site can make a browser
/// send, so that none can act in the operator's name.
///
/// Thread-safe; requests run on virtual threads, which may wait.
final class Console {
    private static final int MAX_BODY = 16 * 1024;
    private static final String AGENTS_SHOWN = "200";
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final Map<String, String> FILES =
            Map.of(
                    "/", "text/html; charset=utf-8",
                    "/console.css", "text/css; charset=utf-8",
                    "/console.js", "text/javascript; charset=utf-8",
                    "/icon.svg", "image/svg+xml");

    private final ToolBox tools;
    private final byte[] authorization;

    Console(ToolBox tools, String token) {
        this.tools = tools;
        this.authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    }

    /// What a tool is asked with; null: something is missing.
    private interface Question {
        @Nullable ObjectNode ask(ObjectNode said) throws InterruptedException;
    }

    void routing(HttpRouting.Builder routing) {
        FILES.forEach(
                (path, type) -> {
                    var content = file(path.equals("/") ? "/index.html" : path);
                    routing.get(path, (_, response) -> sendFile(response, type, content));
                });
        look(routing, "edges", List.of("edges"));
        look(routing, "lanes", List.of("lanes"));
        look(routing, "agents", List.of("agents", "--limit", AGENTS_SHOWN));
        look(routing, "dead-letters", List.of("dead-letters", "list"));
        ask(routing, "trace", said -> withOne(said, "id", List.of("trace", "--since", "24h")));
        ask(
                routing,
                "dead-letters/show",
                said -> withOne(said, "key", List.of("dead-letters", "show")));
        ask(
                routing,
                "dead-letters/redrive",
                said -> withOne(said, "key", List.of("dead-letters", "redrive")));
        ask(routing, "dead-letters/drop", this::drop);
        ask(routing, "drain", said -> withOne(said, "edge", List.of("drain", "--within", "0s")));
        ask(routing, "kick", said -> withOne(said, "agent", List.of("kick")));
    }

    private void look(HttpRouting.Builder routing, String path, List<String> command) {
        routing.get(
                "/api/" + path,
                (request, response) -> {
                    if (isAllowed(request, response)) {
                        send(response, 200, tools.run(command));
                    }
                });
    }

    private void ask(HttpRouting.Builder routing, String path, Question question) {
        routing.post(
                "/api/" + path,
                (request, response) -> {
                    if (!isAllowed(request, response)) {
                        return;
                    }
                    var body = request.content().inputStream().readNBytes(MAX_BODY);
                    var said = Json.readObject(body);
                    var answer = said == null ? null : question.ask(said);
                    if (answer == null) {
                        send(response, 400, Json.object().put("error", "a field is missing"));
                    } else {
                        send(response, 200, answer);
                    }
                });
    }

    private @Nullable ObjectNode withOne(ObjectNode said, String field, List<String> command)
            throws InterruptedException {
        var value = said.path(field).asText();
        return value.isBlank() ? null : tools.run(command, value);
    }

    private @Nullable ObjectNode drop(ObjectNode said) throws InterruptedException {
        var reason = said.path("reason").asText();
        return reason.isBlank()
                ? null
                : withOne(said, "key", List.of("dead-letters", "drop", "--reason=" + reason));
    }

    private boolean isAllowed(ServerRequest request, ServerResponse response) {
        var said = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
        if (MessageDigest.isEqual(said.getBytes(StandardCharsets.UTF_8), authorization)) {
            return true;
        }
        send(
                response,
                401,
                Json.object()
                        .put(
                                "error",
                                "the token is wrong (expected: the one that `console` printed)"));
        return false;
    }

    private static void sendFile(ServerResponse response, String type, byte[] content) {
        response.header(HeaderNames.CONTENT_TYPE, type)
                .header(HeaderNames.create("Content-Security-Policy"), POLICY)
                .header(HeaderNames.create("X-Content-Type-Options"), "nosniff")
                .header(HeaderNames.create("Referrer-Policy"), "no-referrer")
                .header(HeaderNames.CACHE_CONTROL, "no-cache")
                .send(content);
    }

    private static void send(ServerResponse response, int status, ObjectNode body) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .send(Json.bytes(body));
    }

    private static byte[] file(String path) {
        try (var in = Console.class.getResourceAsStream("console" + path)) {
            if (in == null) {
                throw new IllegalStateException("console%s is not in the jar".formatted(path));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
