package io.switchboard.schemas;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What an edge node says to a browser besides events ([EventFrame]), one JSON text frame each.
public final class ServerFrames {
    private static final byte[] CONNECT =
            "{\"event\":\"CONNECT\",\"data\":[]}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] HEART_BEAT =
            "{\"event\":\"HEART_BEAT\",\"data\":[]}".getBytes(StandardCharsets.UTF_8);

    private ServerFrames() {}

    public static byte[] connect() {
        return CONNECT.clone();
    }

    public static byte[] heartBeat() {
        return HEART_BEAT.clone();
    }

    /// @param role the agent's roles, joined by a comma
    /// @param heartbeatSeconds how often the edge beats
    public static byte[] online(
            String connection,
            Address.Agent agent,
            String role,
            long unread,
            long heartbeatSeconds) {
        var frame = Json.object().put("event", "ONLINE");
        frame.putObject("data")
                .put("connection", connection)
                .put("agent", agent.app() + "/" + agent.uuid())
                .put("role", role)
                .put("unread", unread)
                .put("heartbeat", heartbeatSeconds);
        return Json.bytes(frame);
    }

    public static byte[] published(String id) {
        return Json.bytes(Json.object().put("event", "PUBLISHED").put("id", id));
    }

    public static byte[] goAway(long reconnectInMillis) {
        var frame = Json.object().put("event", "GO_AWAY");
        frame.putObject("data").put("reconnect_in_ms", reconnectInMillis);
        return Json.bytes(frame);
    }

    /// What will not be delivered on this connection any more, and why.
    ///
    /// @param through everything up to here is accounted for
    public record Lost(
            String to,
            long expired,
            long overflow,
            boolean acknowledgedElsewhere,
            boolean unknown,
            Position through) {
        public byte[] encode() {
            var frame = Json.object().put("event", "LOST");
            frame.set("data", data());
            return Json.bytes(frame);
        }

        public ObjectNode data() {
            var data =
                    Json.object()
                            .put("to", to)
                            .put("expired", expired)
                            .put("overflow", overflow)
                            .put("acknowledged_elsewhere", acknowledgedElsewhere);
            if (unknown) {
                data.put("unknown", true);
            }
            return data.put("through", through.toString());
        }
    }

    /// @param id of the PUBLISH that it answers, if it answers one
    public static byte[] error(ErrorCode error, @Nullable String id) {
        var frame = Json.object().put("code", error.code()).put("msg", error.msg());
        frame.putArray("data");
        if (id != null) {
            frame.put("id", id);
        }
        return Json.bytes(frame);
    }
}
