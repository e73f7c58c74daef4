package io.switchboard.edge.centrifuge;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.schemas.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a Centrifuge client says: one JSON object a line, several lines a frame.
///
/// Immutable.
public sealed interface Command {

    /// @param subs where it was, by channel
    record Connect(long id, String token, Map<String, Place> subs) implements Command {}

    record Refresh(long id, String token) implements Command {}

    record Publish(long id, String channel, JsonNode data) implements Command {}

    record Rpc(long id, String method, JsonNode data) implements Command {}

    /// Is not answered.
    record Send(JsonNode data) implements Command {}

    record Subscribe(long id) implements Command {}

    record Unsubscribe(long id, String channel) implements Command {}

    record Ping(long id) implements Command {}

    /// The empty command: answers a ping of ours.
    record Pong() implements Command {}

    /// Of the protocol, but nothing that we have: presence, history.
    record NotOffered(long id) implements Command {}

    record Unknown(long id) implements Command {}

    record Malformed() implements Command {}

    /// @param epoch opaque to the client; what a `subs` of ours said
    record Place(String epoch, long offset) {}

    static Command parse(byte[] line) {
        var root = Json.readObject(line);
        if (root == null) {
            return new Malformed();
        }
        if (root.isEmpty()) {
            return new Pong();
        }
        if (root.has("send")) {
            return new Send(root.path("send").path("data"));
        }
        long id = root.path("id").asLong();
        if (id <= 0) {
            return new Malformed();
        }
        for (var each : root.properties()) {
            if (!each.getKey().equals("id")) {
                return of(id, each.getKey(), each.getValue());
            }
        }
        return new Malformed();
    }

    private static Command of(long id, String method, JsonNode request) {
        return switch (method) {
            case "connect" -> new Connect(id, text(request, "token"), subs(request.path("subs")));
            case "refresh" -> new Refresh(id, text(request, "token"));
            case "publish" -> new Publish(id, text(request, "channel"), request.path("data"));
            case "rpc" -> new Rpc(id, text(request, "method"), request.path("data"));
            case "subscribe" -> new Subscribe(id);
            case "unsubscribe" -> new Unsubscribe(id, text(request, "channel"));
            case "ping" -> new Ping(id);
            case "presence", "presence_stats", "history", "sub_refresh" -> new NotOffered(id);
            default -> new Unknown(id);
        };
    }

    private static String text(JsonNode request, String name) {
        return request.path(name).asText("");
    }

    private static Map<String, Place> subs(JsonNode subs) {
        var places = new LinkedHashMap<String, Place>();
        for (var each : subs.properties()) {
            var sub = each.getValue();
            if (sub.path("recover").asBoolean()) {
                places.put(
                        each.getKey(), new Place(text(sub, "epoch"), sub.path("offset").asLong()));
            }
        }
        return places;
    }
}
