package io.switchboard.schemas;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How an event is called: by its producer's own id, or else by the coordinates of the record that
/// first carried it, with the target's index when that record had several targets. The second form
/// makes looking an event up direct.
public final class EventId {
    private static final Pattern COORDINATES =
            Pattern.compile("([A-Za-z0-9_-]{1,22}\\.\\d{1,6}\\.\\d{1,16})(?:\\.(\\d{1,5}))?");

    private EventId() {}

    /// @param first where the record that the producer wrote lies
    /// @param targets how many it had
    public static String of(Target target, Position first, int targets) {
        if (target.id() != null) {
            return target.id();
        }
        return targets == 1 ? first.toString() : first + "." + target.index();
    }

    /// @param index of the target; null when the record had one only
    public record Coordinates(Position first, @Nullable Integer index) {}

    /// Where an event called so lies, or null when the name is a producer's own. A producer may
    /// choose a name of this form, so look whether the record is there before believing it.
    public static @Nullable Coordinates coordinates(String id) {
        var matcher = COORDINATES.matcher(id);
        if (!matcher.matches()) {
            return null;
        }
        var index = matcher.group(2);
        return new Coordinates(
                Position.parse(matcher.group(1)), index == null ? null : Integer.valueOf(index));
    }
}
