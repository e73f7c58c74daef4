package io.switchboard.producer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the front door says instead of 202: an RFC 9457 problem that names every bad field.
///
/// Immutable.
///
/// @param detail the offending thing and what was expected
/// @param code the same number that receipts and dead letters carry; null where HTTP says it all
/// @param problems every bad field
/// @param ids in target order, null for what was not stored; null when nothing was sent
record Refusal(
        Type type,
        String detail,
        @Nullable ErrorCode code,
        List<Problem> problems,
        @Nullable List<@Nullable String> ids)
        implements Intake.Decision {
    static final String MEDIA_TYPE = "application/problem+json";
    private static final String URN = "urn:switchboard:problem:";

    enum Type {
        MALFORMED(400, "Malformed request"),
        TOKEN_REFUSED(401, "chat_token is refused"),
        APP_BLOCKED(403, "App is blocked or deleted"),
        NOT_FOUND(404, "Not found"),
        METHOD_NOT_ALLOWED(405, "Method not allowed"),
        TOO_LARGE(413, "Request is too large"),
        UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
        FIELDS_ARE_WRONG(422, "Fields are wrong"),
        INTERNAL(500, "Internal error"),
        NO_INBOX(501, "Nothing is known of inboxes here"),
        INBOX_IS_AWAY(503, "Redis is away"),
        KAFKA_IS_AWAY(503, "Kafka is away"),
        LANES_GROW(503, "The lanes grow"),
        OVERLOADED(503, "Overloaded");

        private final int status;
        private final String title;

        Type(int status, String title) {
            this.status = status;
            this.title = title;
        }

        int status() {
            return status;
        }

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    static Refusal of(Type type, String detail) {
        return new Refusal(type, detail, null, List.of(), null);
    }

    static Refusal of(Type type, ErrorCode code, String detail) {
        return new Refusal(type, detail, code, List.of(), null);
    }

    /// All of these fields; the whole request is refused and nothing of it was sent.
    static Refusal of(List<Problem> problems) {
        var count = problems.size();
        var detail =
                count == 1
                        ? problems.getFirst().message()
                        : "%d fields are wrong, the first: %s"
                                .formatted(count, problems.getFirst().message());
        return new Refusal(
                Type.FIELDS_ARE_WRONG, detail, problems.getFirst().code(), problems, null);
    }

    byte[] body() {
        var body =
                Json.object()
                        .put("type", URN + type.word())
                        .put("title", type.title)
                        .put("status", type.status)
                        .put("detail", detail);
        if (code != null) {
            body.put("code", code.code()).put("msg", code.msg());
        }
        if (!problems.isEmpty()) {
            var errors = body.putArray("errors");
            problems.forEach(problem -> errors.add(node(problem)));
        }
        if (ids != null) {
            var stored = body.putArray("ids");
            ids.forEach(stored::add);
        }
        return Json.bytes(body);
    }

    private static ObjectNode node(Problem problem) {
        return Json.object()
                .put("pointer", problem.field())
                .put("detail", problem.message())
                .put("code", problem.code().code());
    }
}
