package io.switchboard.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a browser may say, one JSON text frame each.
///
/// Positions and acks are keyed by feed: `agent`, `role:<role>`, `app` ([Address#feed]).
public sealed interface ClientFrame {
    int MAX_BYTES = 64 * 1024;

    /// `{"event":"CONNECT","data":{"client_token":…,"positions":{"agent":…}}}`
    record Connect(String clientToken, Map<String, Position> positions) implements ClientFrame {}

    /// `{"event":"ACK","data":{"agent":<pos>}}`, cumulative.
    record Ack(Map<String, Position> positions) implements ClientFrame {}

    /// `{"event":"HEART_BEAT","data":[]}`
    record HeartBeat() implements ClientFrame {}

    /// `{"event":"REFRESH","data":{"client_token":…}}`
    record Refresh(String clientToken) implements ClientFrame {}

    /// `{"event":"PUBLISH","id":…,"data":{…}}`
    record Publish(String id, JsonNode data) implements ClientFrame {}

    /// Not understood; answered with an error frame.
    record Malformed(ErrorCode error) implements ClientFrame {}

    static ClientFrame parse(byte[] bytes) {
        var root = Json.readObject(bytes);
        return root == null ? new Malformed(ErrorCode.FRAME_IS_NOT_JSON) : of(root);
    }

    static ClientFrame of(ObjectNode root) {
        var event = root.path("event");
        if (!event.isTextual() || event.textValue().isEmpty()) {
            return new Malformed(ErrorCode.EVENT_IS_NULL);
        }
        var data = root.path("data");
        return switch (event.textValue()) {
            case "CONNECT" -> connect(data);
            case "ACK" -> ack(data);
            case "HEART_BEAT" -> new HeartBeat();
            case "REFRESH" -> {
                var token = data.path("client_token");
                yield token.isTextual()
                        ? new Refresh(token.textValue())
                        : new Malformed(ErrorCode.TOKEN_IS_REFUSED);
            }
            case "PUBLISH" -> publish(root, data);
            default -> new Malformed(ErrorCode.EVENT_IS_UNKNOWN);
        };
    }

    private static ClientFrame connect(JsonNode data) {
        var token = data.path("client_token");
        if (!token.isTextual()) {
            return new Malformed(ErrorCode.TOKEN_IS_REFUSED);
        }
        var positions = positions(data.path("positions"));
        return positions == null
                ? new Malformed(ErrorCode.POSITION_IS_MALFORMED)
                : new Connect(token.textValue(), positions);
    }

    private static ClientFrame ack(JsonNode data) {
        var positions = data instanceof ObjectNode ? positions(data) : null;
        return positions == null || positions.isEmpty()
                ? new Malformed(ErrorCode.ACK_IS_MALFORMED)
                : new Ack(positions);
    }

    private static ClientFrame publish(ObjectNode root, JsonNode data) {
        var id = root.path("id");
        return id.isTextual() && Envelope.ID.matcher(id.textValue()).matches() && data.isObject()
                ? new Publish(id.textValue(), data)
                : new Malformed(ErrorCode.PUBLISH_IS_MALFORMED);
    }

    private static @Nullable Map<String, Position> positions(JsonNode node) {
        var positions = new LinkedHashMap<String, Position>();
        if (node.isMissingNode() || node.isNull() || (node.isArray() && node.isEmpty())) {
            return positions;
        }
        if (!node.isObject()) {
            return null;
        }
        for (var each : node.properties()) {
            var position =
                    each.getValue().isTextual()
                            ? Position.tryParse(each.getValue().textValue())
                            : null;
            if (position == null) {
                return null;
            }
            positions.put(each.getKey(), position);
        }
        return positions;
    }
}
