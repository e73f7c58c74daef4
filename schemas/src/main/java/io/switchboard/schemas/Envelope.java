package io.switchboard.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a producer sends: `{"url":…,"chat_token":…,"data":[{"uuid":…,"data":{…}},…]}`.
///
/// The shape is the worked example's. `url` selects the route, `chat_token` names and
/// authenticates the producing app; it is absent on records that already carry an [Origin].
///
/// Immutable.
public record Envelope(String url, @Nullable String chatToken, List<Target> targets) {
    public static final int MAX_TARGET_BYTES = 256 * 1024;
    public static final int MAX_BYTES = 2 * 1024 * 1024;
    public static final int MAX_TARGETS = 10_000;
    public static final Duration MAX_TTL = Duration.ofDays(30);

    /// How far ahead of its record's timestamp a `deliver_at` may be.
    public static final Duration MAX_DELAY = Duration.ofDays(1);

    /// How an event id may look. `#` joins an Idempotency-Key and an index.
    public static final Pattern ID = Pattern.compile("[A-Za-z0-9._:#@-]{1,128}");

    /// What parsing found.
    ///
    /// @param envelope null when nothing in it can be used; otherwise with the good targets only
    /// @param problems the bad targets, or what is wrong with the whole
    public record Parsed(@Nullable Envelope envelope, List<Problem> problems) {}

    public static Parsed parse(byte[] bytes) {
        var root = Json.readObject(bytes);
        if (root == null) {
            return refuse(
                    new Problem(
                            Problem.WHOLE,
                            "",
                            ErrorCode.ENVELOPE_IS_NOT_JSON,
                            "the body is not a JSON object (expected: {\"url\":…,\"chat_token\":…,\"data\":[…]})"));
        }
        var problems = new ArrayList<Problem>();
        var url = root.path("url");
        if (!url.isTextual() || url.textValue().isEmpty()) {
            problems.add(wrong(Problem.WHOLE, "/url", url, "a non-empty string"));
        }
        var token = root.path("chat_token");
        if (!token.isMissingNode() && !token.isTextual()) {
            problems.add(wrong(Problem.WHOLE, "/chat_token", token, "a string"));
        }
        var data = root.path("data");
        if (!data.isArray() || data.isEmpty() || data.size() > MAX_TARGETS) {
            problems.add(
                    wrong(
                            Problem.WHOLE,
                            "/data",
                            data,
                            "a list of 1 to " + MAX_TARGETS + " targets"));
        }
        if (!problems.isEmpty()) {
            return new Parsed(null, List.copyOf(problems));
        }
        var targets = new ArrayList<Target>();
        for (int i = 0; i < data.size(); i++) {
            var target = target(i, data.get(i), bytes.length > MAX_TARGET_BYTES, problems);
            if (target != null) {
                targets.add(target);
            }
        }
        return new Parsed(
                new Envelope(url.textValue(), token.textValue(), List.copyOf(targets)),
                List.copyOf(problems));
    }

    /// The envelope of a record that we write ourselves: one target, and no token.
    public static byte[] encode(String url, Target target, @Nullable String chatToken) {
        var root = Json.object().put("url", url);
        if (chatToken != null) {
            root.put("chat_token", chatToken);
        }
        root.putArray("data").add(encode(target));
        return Json.bytes(root);
    }

    private static ObjectNode encode(Target target) {
        var node = Json.object();
        switch (target.to()) {
            case Target.ToAgent(var uuid) -> node.put("uuid", uuid);
            case Target.ToRole(var role) -> node.put("role", role);
            case Target.ToAll() -> node.put("all", true);
        }
        if (target.id() != null) {
            node.put("id", target.id());
        }
        if (target.ttl() != null) {
            node.put("ttl", target.ttl().toSeconds());
        }
        if (target.deliverAt() != null) {
            node.put("deliver_at", target.deliverAt().toString());
        }
        node.set("data", target.payload());
        return node;
    }

    private static @Nullable Target target(
            int index, JsonNode node, boolean mayBeTooLarge, List<Problem> problems) {
        var at = "/data/" + index;
        if (!(node instanceof ObjectNode)) {
            problems.add(wrong(index, at, node, "an object"));
            return null;
        }
        int before = problems.size();
        var to = to(index, at, node, problems);
        var payload = node.path("data");
        if (payload.isMissingNode() || payload.isNull()) {
            problems.add(wrong(index, at + "/data", payload, "the payload"));
        } else if (mayBeTooLarge && Json.bytes(payload).length > MAX_TARGET_BYTES) {
            problems.add(
                    new Problem(
                            index,
                            at + "/data",
                            ErrorCode.TARGET_IS_TOO_LARGE,
                            "%s/data is larger than %d bytes".formatted(at, MAX_TARGET_BYTES)));
        }
        var id = node.path("id");
        if (!id.isMissingNode() && !(id.isTextual() && ID.matcher(id.textValue()).matches())) {
            problems.add(wrong(index, at + "/id", id, "a string of the form " + ID));
        }
        var ttl = node.path("ttl");
        if (!ttl.isMissingNode()
                && !(ttl.isIntegralNumber()
                        && ttl.canConvertToLong()
                        && ttl.longValue() >= 1
                        && ttl.longValue() <= MAX_TTL.toSeconds())) {
            problems.add(
                    wrong(
                            index,
                            at + "/ttl",
                            ttl,
                            "whole seconds from 1 to " + MAX_TTL.toSeconds()));
        }
        var deliverAt = deliverAt(index, at, node.path("deliver_at"), problems);
        if (to == null || problems.size() > before) {
            return null;
        }
        return new Target(
                index,
                to,
                payload,
                id.textValue(),
                ttl.isMissingNode() ? null : Duration.ofSeconds(ttl.longValue()),
                deliverAt);
    }

    private static Target.@Nullable To to(
            int index, String at, JsonNode node, List<Problem> problems) {
        var uuid = node.path("uuid");
        var role = node.path("role");
        var all = node.path("all");
        int given =
                (uuid.isMissingNode() ? 0 : 1)
                        + (role.isMissingNode() ? 0 : 1)
                        + (all.isMissingNode() ? 0 : 1);
        if (given != 1) {
            problems.add(
                    new Problem(
                            index,
                            at,
                            ErrorCode.FIELD_IS_WRONG,
                            "%s names %d of uuid, role, all (expected: exactly one)"
                                    .formatted(at, given)));
            return null;
        }
        if (!uuid.isMissingNode()) {
            if (uuid.isTextual() && Address.UUID.matcher(uuid.textValue()).matches()) {
                return new Target.ToAgent(uuid.textValue());
            }
            problems.add(wrong(index, at + "/uuid", uuid, "a string of the form " + Address.UUID));
            return null;
        }
        if (!role.isMissingNode()) {
            if (role.isTextual() && Address.NAME.matcher(role.textValue()).matches()) {
                return new Target.ToRole(role.textValue());
            }
            problems.add(wrong(index, at + "/role", role, "a string of the form " + Address.NAME));
            return null;
        }
        if (all.isBoolean() && all.booleanValue()) {
            return new Target.ToAll();
        }
        problems.add(wrong(index, at + "/all", all, "true"));
        return null;
    }

    private static @Nullable Instant deliverAt(
            int index, String at, JsonNode node, List<Problem> problems) {
        if (node.isMissingNode()) {
            return null;
        }
        if (node.isTextual()) {
            try {
                return OffsetDateTime.parse(node.textValue()).toInstant();
            } catch (DateTimeException _) {
                // falls through to the problem
            }
        }
        problems.add(wrong(index, at + "/deliver_at", node, "an RFC 3339 time with its offset"));
        return null;
    }

    private static Parsed refuse(Problem problem) {
        return new Parsed(null, List.of(problem));
    }

    private static Problem wrong(int target, String field, JsonNode found, String expected) {
        var shown = found.isMissingNode() ? "missing" : shorten(found.toString());
        return new Problem(
                target,
                field,
                ErrorCode.FIELD_IS_WRONG,
                "%s: %s (expected: %s)".formatted(field, shown, expected));
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
