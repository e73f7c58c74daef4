package io.switchboard.operator;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.schemas.Json;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Frames as they come, and `CLOSED` for the end of a connection, one JSON object a line.
final class JsonScreen implements AgentClient.Listener {
    private final PrintStream out;

    JsonScreen(PrintStream out) {
        this.out = out;
    }

    @Override
    public void onEvent(URI edge, JsonNode frame) {
        out.println(frame);
    }

    @Override
    public void onOther(URI edge, JsonNode frame) {
        out.println(frame);
    }

    @Override
    public void onClosed(URI edge, int code, String reason, @Nullable Duration again) {
        var line =
                Json.object()
                        .put("event", "CLOSED")
                        .put("edge", edge.toString())
                        .put("code", code)
                        .put("reason", reason);
        if (again != null) {
            line.put("reconnect_in_ms", again.toMillis());
        }
        out.println(line);
    }
}
