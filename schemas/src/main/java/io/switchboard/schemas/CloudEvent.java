package io.switchboard.dispatcher.lane;

import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Problem;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A CloudEvents 1.0 record in binary content mode (Kafka protocol binding §3.2): attributes are
/// headers `ce_…`, the value is the payload.
///
/// `ce_type` is the route's url, `ce_subject` whom it is for (`uuid:<uuid>`, `role:<role>` or
/// `all`), `ce_id` the producer's event id; `chat_token` is a record header. The extension
/// attributes `ttl` and `deliverat` stand for the target's fields.
final class CloudEvent {
    private CloudEvent() {}

    static boolean is(LogRecord record) {
        return "1.0".equals(record.text("ce_specversion"));
    }

    /// As if the same had come as an envelope, so that the same rules hold for both.
    static Envelope.Parsed parse(LogRecord record) {
        var root = Json.object();
        put(root, "url", record.text("ce_type"));
        var target = root.putArray("data").addObject();
        var subject = record.text("ce_subject");
        if (subject == null) {
            return refuse(ErrorCode.FIELD_IS_WRONG, "ce_subject: missing" + EXPECTED_SUBJECT);
        }
        if (subject.equals("all")) {
            target.put("all", true);
        } else if (subject.startsWith("role:")) {
            target.put("role", subject.substring("role:".length()));
        } else if (subject.startsWith("uuid:")) {
            target.put("uuid", subject.substring("uuid:".length()));
        } else {
            return refuse(
                    ErrorCode.FIELD_IS_WRONG,
                    "ce_subject: '%s'%s".formatted(subject, EXPECTED_SUBJECT));
        }
        put(target, "id", record.text("ce_id"));
        put(target, "deliver_at", record.text("ce_deliverat"));
        var ttl = record.text("ce_ttl");
        if (ttl != null) {
            try {
                target.put("ttl", Long.parseLong(ttl));
            } catch (NumberFormatException _) {
                target.put("ttl", ttl);
            }
        }
        try {
            target.set("data", Json.MAPPER.readTree(record.value()));
        } catch (IOException _) {
            return refuse(ErrorCode.ENVELOPE_IS_NOT_JSON, "the CloudEvent's data is not JSON");
        }
        return Envelope.parse(Json.bytes(root));
    }

    private static final String EXPECTED_SUBJECT = " (expected: uuid:<uuid>, role:<role> or all)";

    private static void put(
            com.fasterxml.jackson.databind.node.ObjectNode node,
            String field,
            @Nullable String value) {
        if (value != null) {
            node.put(field, value);
        }
    }

    private static Envelope.Parsed refuse(ErrorCode error, String message) {
        return new Envelope.Parsed(null, List.of(new Problem(Problem.WHOLE, "", error, message)));
    }
}
