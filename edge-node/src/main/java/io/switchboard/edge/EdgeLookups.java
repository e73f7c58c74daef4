package io.switchboard.edge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.switchboard.edge.delivery.ConnectionView;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.socket.EdgeServer;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What only this edge node knows, for the operator's tools and the front door, on the admin port:
///
/// - `GET /events/{position}`: when, and to which connections, the event there was written;
/// - `GET /agents/{app}/{uuid}`: the agent's connections here.
///
/// No payloads. Thread-safe; requests run on virtual threads, which may wait.
final class EdgeLookups {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final String edge;
    private final EdgeServer server;
    private final DeliveryDoor door;

    EdgeLookups(String edge, EdgeServer server, DeliveryDoor door) {
        this.edge = edge;
        this.server = server;
        this.door = door;
    }

    /// @param edge gives null until the edge node is there: the admin port is open before
    static void routing(HttpRouting.Builder routing, Supplier<@Nullable EdgeLookups> edge) {
        routing.get("/events/{position}", asked(edge, EdgeLookups::onEvent));
        routing.get("/agents/{app}/{uuid}", asked(edge, EdgeLookups::onAgent));
    }

    private interface Question {
        void ask(EdgeLookups edge, ServerRequest request, ServerResponse response);
    }

    private static Handler asked(Supplier<@Nullable EdgeLookups> edge, Question question) {
        return (request, response) -> {
            var started = edge.get();
            if (started == null) {
                send(response, 503, error("this edge node is starting, see /ready"));
            } else {
                question.ask(started, request, response);
            }
        };
    }

    private void onEvent(ServerRequest request, ServerResponse response) {
        var text = request.path().pathParameters().get("position");
        var position = Position.tryParse(text);
        if (position == null) {
            send(
                    response,
                    400,
                    error(
                            "/events/: '%s' (expected: a position, as `trace` shows it)"
                                    .formatted(text)));
            return;
        }
        var body = Json.object().put("edge", edge).put("position", position.toString());
        var written = body.putArray("written");
        for (var each : server.written(position)) {
            written.addObject()
                    .put("at", each.at().toString())
                    .put("connection", each.connection())
                    .put("connections", each.connections());
        }
        send(response, 200, body);
    }

    private void onAgent(ServerRequest request, ServerResponse response) {
        var path = request.path().pathParameters();
        Address.Agent agent;
        try {
            agent = new Address.Agent(path.get("app"), path.get("uuid"));
        } catch (IllegalArgumentException e) {
            send(response, 400, error(String.valueOf(e.getMessage())));
            return;
        }
        var asked = new CompletableFuture<List<ConnectionView>>();
        door.tell(it -> asked.complete(it.views(agent)));
        List<ConnectionView> views;
        try {
            views = asked.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException _) {
            send(
                    response,
                    503,
                    error(
                            "the delivery thread did not answer within %d s"
                                    .formatted(PATIENCE.toSeconds())));
            return;
        }
        var body = Json.object().put("edge", edge).put("agent", agent.toString());
        var connections = body.putArray("connections");
        for (var each : views) {
            var node =
                    connections
                            .addObject()
                            .put("connection", each.id())
                            .put("since", each.since().toString())
                            .put("state", each.state());
            var positions = node.putObject("positions");
            each.positions().forEach((feed, at) -> positions.put(feed, at.toString()));
        }
        send(response, 200, body);
    }

    private static ObjectNode error(String said) {
        return Json.object().put("error", said);
    }

    private static void send(ServerResponse response, int status, ObjectNode body) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .send(Json.bytes(body));
    }
}
