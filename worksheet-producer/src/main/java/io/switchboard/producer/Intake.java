package io.switchboard.producer;

import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Problem;
import io.switchboard.schemas.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Decides what a request's body asks for. All or nothing: one bad target refuses the whole, so
/// that a producer never has to find out which part of its list was taken.
///
/// Pure.
final class Intake {
    /// With `#` and an index behind it, it must still be an event id.
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._:@-]{1,120}");

    private Intake() {}

    sealed interface Decision permits Order, Refusal {}

    /// What is to be appended: each target on its own, in this order.
    record Order(String app, String url, List<Target> targets) implements Decision {}

    /// @param path of the request: a route's url
    /// @param bearer token of the Authorization header; the body's `chat_token` wins
    /// @param idempotencyKey header, as it came
    static Decision decide(
            Apps apps,
            String path,
            @Nullable String bearer,
            @Nullable String idempotencyKey,
            byte[] body,
            Instant now) {
        var key = unquoted(idempotencyKey);
        if (key != null && !KEY.matcher(key).matches()) {
            return Refusal.of(
                    Refusal.Type.MALFORMED,
                    "Idempotency-Key: '%s' (expected: %s)".formatted(shorten(key), KEY));
        }
        var parsed = Envelope.parse(body);
        var envelope = parsed.envelope();
        if (envelope == null) {
            return isNotJson(parsed.problems())
                    ? Refusal.of(
                            Refusal.Type.MALFORMED,
                            ErrorCode.ENVELOPE_IS_NOT_JSON,
                            parsed.problems().getFirst().message())
                    : Refusal.of(parsed.problems());
        }
        var token = envelope.chatToken() == null ? bearer : envelope.chatToken();
        var app = token == null ? null : apps.appOfToken(token);
        if (app == null) {
            return Refusal.of(
                    Refusal.Type.TOKEN_REFUSED,
                    ErrorCode.CHAT_TOKEN_IS_REFUSED,
                    token == null
                            ? "/chat_token: missing (expected: the token of an app, here or as a Bearer)"
                            : "/chat_token: no app has this token (expected: one whose SHA-256 is in the apps file)");
        }
        if (!app.active()) {
            return blocked(app);
        }
        var problems = new ArrayList<>(parsed.problems());
        check(envelope, path, app, now, problems);
        return problems.isEmpty()
                ? new Order(app.name(), path, named(envelope.targets(), key))
                : Refusal.of(List.copyOf(problems));
    }

    static Refusal blocked(Apps.App app) {
        return Refusal.of(
                Refusal.Type.APP_BLOCKED,
                ErrorCode.PRODUCER_IS_BLOCKED,
                "app %s is %s"
                        .formatted(
                                app.name(),
                                app.status().name().toLowerCase(java.util.Locale.ROOT)));
    }

    private static void check(
            Envelope envelope, String path, Apps.App app, Instant now, List<Problem> problems) {
        if (!envelope.url().equals(path)) {
            problems.add(
                    new Problem(
                            Problem.WHOLE,
                            "/url",
                            ErrorCode.FIELD_IS_WRONG,
                            "/url: \"%s\" (expected: the path of the request, %s)"
                                    .formatted(shorten(envelope.url()), path)));
        }
        var ids = new HashMap<String, Integer>();
        for (var target : envelope.targets()) {
            checkRole(target, app, problems);
            checkDelay(target, now, problems);
            checkId(target, ids, problems);
        }
    }

    private static void checkRole(Target target, Apps.App app, List<Problem> problems) {
        if (target.to() instanceof Target.ToRole(var role) && !app.roles().contains(role)) {
            problems.add(
                    problem(
                            target,
                            "role",
                            ErrorCode.ROLE_IS_UNKNOWN,
                            "\"%s\" (expected: a role of app %s: %s)"
                                    .formatted(
                                            role,
                                            app.name(),
                                            String.join(
                                                    ", ",
                                                    app.roles().stream().sorted().toList()))));
        }
    }

    private static void checkDelay(Target target, Instant now, List<Problem> problems) {
        var due = target.deliverAt();
        if (due != null && due.isAfter(now.plus(Envelope.MAX_DELAY))) {
            problems.add(
                    problem(
                            target,
                            "deliver_at",
                            ErrorCode.FIELD_IS_WRONG,
                            "%s (expected: at most %d hours ahead of %s)"
                                    .formatted(due, Envelope.MAX_DELAY.toHours(), now)));
        }
    }

    /// An id names one event. Two targets of one id would share their receipts, and to the same
    /// address the second would be a repetition of the first.
    private static void checkId(Target target, Map<String, Integer> ids, List<Problem> problems) {
        if (target.id() == null) {
            return;
        }
        var first = ids.putIfAbsent(target.id(), target.index());
        if (first != null) {
            problems.add(
                    problem(
                            target,
                            "id",
                            ErrorCode.FIELD_IS_WRONG,
                            "\"%s\" is also that of /data/%d (expected: an id of its own)"
                                    .formatted(target.id(), first)));
        }
    }

    private static Problem problem(Target target, String field, ErrorCode code, String what) {
        var pointer = "/data/" + target.index() + "/" + field;
        return new Problem(target.index(), pointer, code, pointer + ": " + what);
    }

    /// Each target has the id that its producer gave it, or `<key>#<index>`, or none yet.
    private static List<Target> named(List<Target> targets, @Nullable String key) {
        if (key == null) {
            return targets;
        }
        return targets.stream()
                .map(
                        each ->
                                each.id() != null
                                        ? each
                                        : new Target(
                                                each.index(),
                                                each.to(),
                                                each.payload(),
                                                key + "#" + each.index(),
                                                each.ttl(),
                                                each.deliverAt()))
                .toList();
    }

    private static boolean isNotJson(List<Problem> problems) {
        return problems.getFirst().code() == ErrorCode.ENVELOPE_IS_NOT_JSON;
    }

    /// The draft of the header makes it a quoted string (RFC 9651); many clients send it bare.
    private static @Nullable String unquoted(@Nullable String key) {
        return key != null && key.length() >= 2 && key.startsWith("\"") && key.endsWith("\"")
                ? key.substring(1, key.length() - 1)
                : key;
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
