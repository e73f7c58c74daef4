package io.switchboard.schemas;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where in the log: `<topic tag>.<partition>.<offset>`, the offset being Kafka's.
///
/// Positions are comparable only within one lane. `-1` is the position before the first record.
///
/// Immutable.
public record Position(String tag, int partition, long offset) {
    private static final Pattern FORM =
            Pattern.compile("([A-Za-z0-9_-]{1,22})\\.(\\d{1,6})\\.(-1|\\d{1,16})");

    /// @throws IllegalArgumentException naming the text and the expected form
    public static Position parse(String text) {
        var position = tryParse(text);
        if (position == null) {
            throw new IllegalArgumentException(
                    "position: '%s' (expected: <topic tag>.<partition>.<offset>)".formatted(text));
        }
        return position;
    }

    public static @Nullable Position tryParse(String text) {
        var matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        return new Position(
                matcher.group(1),
                Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3)));
    }

    public LaneId lane() {
        return new LaneId(tag, partition);
    }

    @Override
    public String toString() {
        return tag + "." + partition + "." + offset;
    }
}
