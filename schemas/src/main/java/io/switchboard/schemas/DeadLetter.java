package io.switchboard.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A record, or one target of it, that cannot be delivered: on [Topics#DEAD_LETTERS] its raw
/// bytes with the token masked, keyed by `<topic>-<partition>-<offset>[-<index>]`, the reason in
/// headers.
///
/// Immutable.
///
/// @param target index of the bad target, or [Problem#WHOLE]
/// @param app the verified app, if it came that far
/// @param raw null when the record was too large to be kept
public record DeadLetter(
        String topic,
        Position at,
        int target,
        ErrorCode error,
        String detail,
        @Nullable String app,
        byte @Nullable [] raw) {
    public static final String CODE = "switchboard-code";
    public static final String DETAIL = "switchboard-detail";
    public static final String AT = "switchboard-at";
    public static final String TARGET = "switchboard-target";
    public static final String TOPIC = "switchboard-topic";
    public static final String APP = "switchboard-app";

    public byte[] key() {
        var coordinates = topic + "-" + at.partition() + "-" + at.offset();
        return (target == Problem.WHOLE ? coordinates : coordinates + "-" + target)
                .getBytes(StandardCharsets.UTF_8);
    }

    public Map<String, byte[]> headers() {
        var headers = new java.util.LinkedHashMap<String, byte[]>();
        headers.put(CODE, utf8(Integer.toString(error.code())));
        headers.put(DETAIL, utf8(detail));
        headers.put(TOPIC, utf8(topic));
        headers.put(AT, utf8(at.toString()));
        headers.put(TARGET, utf8(Integer.toString(target)));
        if (app != null) {
            headers.put(APP, utf8(app));
        }
        return headers;
    }

    /// @throws IllegalArgumentException naming the header that is missing or malformed
    public static DeadLetter decode(Map<String, byte[]> headers, byte @Nullable [] raw) {
        var code = number(headers, CODE);
        var error = ErrorCode.of(code);
        if (error == null) {
            throw new IllegalArgumentException(
                    "dead letter: %s '%d' (expected: a code of the table)".formatted(CODE, code));
        }
        return new DeadLetter(
                text(headers, TOPIC),
                Position.parse(text(headers, AT)),
                number(headers, TARGET),
                error,
                text(headers, DETAIL),
                headers.containsKey(APP) ? text(headers, APP) : null,
                raw);
    }

    private static int number(Map<String, byte[]> headers, String name) {
        try {
            return Integer.parseInt(text(headers, name));
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException(
                    "dead letter: %s '%s' (expected: a number)"
                            .formatted(name, text(headers, name)));
        }
    }

    private static String text(Map<String, byte[]> headers, String name) {
        var bytes = headers.get(name);
        if (bytes == null) {
            throw new IllegalArgumentException("dead letter: no header '%s'".formatted(name));
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
