package io.switchboard.operator;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.schemas.CloseCode;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/// One line an event, for people: when, which, of what type, and what it says. What happens to
/// the connection goes to standard error, so that a pipe sees events only.
final class TextScreen implements AgentClient.Listener {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private final PrintStream out;
    private final PrintStream err;

    TextScreen(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public void onEvent(URI edge, JsonNode frame) {
        out.println(line(frame, Instant.now()));
    }

    static String line(JsonNode frame, Instant at) {
        var response = frame.path("response");
        var infos = response.path("infos");
        return "%s  %-10s  %-14s  %s  %s%s"
                .formatted(
                        TIME.format(at),
                        frame.path("to").asText(),
                        frame.path("id").asText(),
                        response.path("type").asText(frame.path("event").asText()),
                        infos.isTextual() ? infos.textValue() : response.toString(),
                        frame.has("redelivered") ? "  (redelivered)" : "");
    }

    @Override
    public void onOther(URI edge, JsonNode frame) {
        var data = frame.path("data");
        err.println(
                switch (frame.path("event").asText()) {
                    case "ONLINE" ->
                            "● online as %s on %s, %d unread"
                                    .formatted(
                                            data.path("agent").asText(),
                                            edge.getAuthority(),
                                            data.path("unread").asLong());
                    case "GO_AWAY" -> "○ %s drains".formatted(edge.getAuthority());
                    case "LOST" -> "! not delivered any more: " + data;
                    default -> "! " + frame;
                });
    }

    @Override
    public void onClosed(URI edge, int code, String reason, @Nullable Duration again) {
        var known = CloseCode.of(code);
        err.println(
                "○ %s: %s%s"
                        .formatted(
                                edge.getAuthority(),
                                known == null ? "connection lost (" + reason + ")" : reason,
                                again == null
                                        ? ""
                                        : "; again in %.1f s"
                                                .formatted(again.toMillis() / 1000.0)));
    }
}
