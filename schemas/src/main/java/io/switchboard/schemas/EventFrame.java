package io.switchboard.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The frame that carries an event to the browser:
/// `{"event":"WorksheetMsg","id":…,"to":"agent","pos":…,"sent":…,"response":{…}}`.
///
/// The dispatcher writes it once, ready for the socket; the inbox keeps it and edges pass the
/// bytes through.
public final class EventFrame {
    private EventFrame() {}

    /// @param traceParent the trace context that the event was sent with; null: none
    /// @param sent the first record's timestamp, milliseconds since the epoch in the frame
    public static byte[] encode(
            String event,
            String id,
            Address to,
            Position position,
            Instant sent,
            @Nullable String redelivery,
            @Nullable String traceParent,
            JsonNode payload) {
        var node =
                Json.object()
                        .put("event", event)
                        .put("id", id)
                        .put("to", to.feed())
                        .put("pos", position.toString())
                        .put("sent", sent.toEpochMilli());
        if (redelivery != null) {
            node.put("redelivered", redelivery);
        }
        if (traceParent != null) {
            node.put(TraceParent.HEADER, traceParent);
        }
        node.set("response", payload);
        return Json.bytes(node);
    }
}
