package io.switchboard.schemas;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// A CloudEvents 1.0 record in binary content mode (Kafka protocol binding §3.2): attributes are
/// headers `ce_…`, the value is the payload.
///
/// `ce_type` is the route's url, `ce_subject` whom it is for (`uuid:<uuid>`, `role:<role>` or
/// `all`), `ce_id` the producer's event id; `chat_token` is a record header. The extension
/// attributes `ttl` and `deliverat` stand for the target's fields.
public final class CloudEvent {
    private static final String EXPECTED_SUBJECT = " (expected: uuid:<uuid>, role:<role> or all)";

    private CloudEvent() {}

    /// False of a record of our own processes: that is an envelope, and may carry the headers of
    /// the CloudEvent that it was made from.
    public static boolean is(Headers headers) {
        return headers.lastHeader(Origin.HEADER) == null
                && "1.0".equals(text(headers, "ce_specversion"));
    }

    /// What a record of the events topic says, in whichever of the two forms.
    public static Envelope.Parsed orEnvelope(Headers headers, byte[] value) {
        return is(headers) ? parse(headers, value) : Envelope.parse(value);
    }

    /// As if the same had come as an envelope, so that the same rules hold for both.
    private static Envelope.Parsed parse(Headers headers, byte[] value) {
        var target = Json.object();
        var subject = text(headers, "ce_subject");
        if (subject == null) {
            return refuse(ErrorCode.FIELD_IS_WRONG, "ce_subject: missing" + EXPECTED_SUBJECT);
        }
        if (!address(subject, target)) {
            return refuse(
                    ErrorCode.FIELD_IS_WRONG,
                    "ce_subject: '%s'%s".formatted(subject, EXPECTED_SUBJECT));
        }
        try {
            return Envelope.parse(Json.bytes(envelope(headers, target, value)));
        } catch (IOException _) {
            return refuse(ErrorCode.ENVELOPE_IS_NOT_JSON, "the CloudEvent's data is not JSON");
        }
    }

    /// The envelope that says the same, without its token; null when there is none.
    public static byte @Nullable [] envelope(Headers headers, byte[] value) {
        var target = Json.object();
        var subject = text(headers, "ce_subject");
        try {
            return subject != null && address(subject, target)
                    ? Json.bytes(envelope(headers, target, value))
                    : null;
        } catch (IOException _) {
            return null;
        }
    }

    private static boolean address(String subject, ObjectNode target) {
        if (subject.equals("all")) {
            target.put("all", true);
        } else if (subject.startsWith("role:")) {
            target.put("role", subject.substring("role:".length()));
        } else if (subject.startsWith("uuid:")) {
            target.put("uuid", subject.substring("uuid:".length()));
        } else {
            return false;
        }
        return true;
    }

    private static ObjectNode envelope(Headers headers, ObjectNode target, byte[] value)
            throws IOException {
        put(target, "id", text(headers, "ce_id"));
        put(target, "deliver_at", text(headers, "ce_deliverat"));
        var ttl = text(headers, "ce_ttl");
        if (ttl != null) {
            try {
                target.put("ttl", Long.parseLong(ttl));
            } catch (NumberFormatException _) {
                target.put("ttl", ttl);
            }
        }
        target.set("data", Json.MAPPER.readTree(value));
        var root = Json.object();
        put(root, "url", text(headers, "ce_type"));
        root.putArray("data").add(target);
        return root;
    }

    private static void put(ObjectNode node, String field, @Nullable String value) {
        if (value != null) {
            node.put(field, value);
        }
    }

    private static @Nullable String text(Headers headers, String name) {
        var header = headers.lastHeader(name);
        return header == null || header.value() == null
                ? null
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static Envelope.Parsed refuse(ErrorCode error, String message) {
        return new Envelope.Parsed(null, List.of(new Problem(Problem.WHOLE, "", error, message)));
    }
}
