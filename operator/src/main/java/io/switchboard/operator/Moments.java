package io.switchboard.operator;

import io.switchboard.runtime.Unusable;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/// Times and spans, as an operator writes and reads them. Always UTC: two people on the phone
/// mean the same.
final class Moments {
    private static final Pattern SPAN = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
    private static final DateTimeFormatter TO_THE_MILLISECOND =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private Moments() {}

    /// @param text RFC 3339, or a span before now as in `90s`, `2h`, `3d`
    static Instant parse(String flag, String text, Instant now) {
        var span = SPAN.matcher(text);
        if (span.matches()) {
            return now.minus(span(span.group(1), span.group(2)));
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException _) {
            throw new Unusable(
                    "%s: '%s' (expected: a time as 2026-11-24T18:00:00Z, or a span before now as 90s, 2h, 3d)"
                            .formatted(flag, text));
        }
    }

    /// @param text as in `90s`, `2h`, `3d`
    static Duration parseSpan(String flag, String text) {
        var span = SPAN.matcher(text);
        if (!span.matches()) {
            throw new Unusable(
                    "%s: '%s' (expected: a span as 500ms, 90s, 15m, 2h, 3d)".formatted(flag, text));
        }
        return span(span.group(1), span.group(2));
    }

    private static Duration span(String number, String unit) {
        long n = Long.parseLong(number);
        return switch (unit) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }

    /// `2026-11-24 18:00:00.123`, UTC.
    static String time(Instant at) {
        return TO_THE_MILLISECOND.format(at);
    }

    /// The two largest units that say something: `2d 3h`, `4m 10s`, `1.2s`, `15ms`.
    static String span(Duration span) {
        long ms = Math.max(0, span.toMillis());
        if (ms < 1_000) {
            return ms + "ms";
        }
        if (ms < 10_000) {
            return "%d.%ds".formatted(ms / 1_000, ms % 1_000 / 100);
        }
        long s = ms / 1_000;
        if (s < 60) {
            return s + "s";
        }
        if (s < 3_600) {
            return two(s / 60, "m", s % 60, "s");
        }
        if (s < 86_400) {
            return two(s / 3_600, "h", s % 3_600 / 60, "m");
        }
        return two(s / 86_400, "d", s % 86_400 / 3_600, "h");
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return small == 0
                ? large + largeUnit
                : "%d%s %d%s".formatted(large, largeUnit, small, smallUnit);
    }
}
