package io.switchboard.schemas;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A dead letter that was re-driven, beside the positions in its lane's partition of the acks
/// topic: a second re-drive is a repetition for as long as letters are kept, which is longer than
/// a rebuild reads back in the log.
///
/// Immutable.
///
/// @param letter first coordinates of the letter's event, `<position>.<index>`
/// @param tag of the events topic
/// @param offset at which the lane met it first
/// @param time of that record, ms since the epoch
public record RedrivenLetter(String letter, String tag, long offset, long time) {
    private static final String PREFIX = "letter:";

    public byte[] key() {
        return (PREFIX + letter).getBytes(StandardCharsets.UTF_8);
    }

    public byte[] encode() {
        return Json.bytes(Json.object().put("tag", tag).put("offset", offset).put("time", time));
    }

    public static boolean isKey(byte[] key) {
        return new String(key, StandardCharsets.UTF_8).startsWith(PREFIX);
    }

    /// Null when key or value are not of this form.
    public static @Nullable RedrivenLetter decode(byte[] key, byte[] value) {
        var node = Json.readObject(value);
        if (!isKey(key) || node == null || !node.path("offset").isIntegralNumber()) {
            return null;
        }
        return new RedrivenLetter(
                new String(key, StandardCharsets.UTF_8).substring(PREFIX.length()),
                node.path("tag").asText(),
                node.path("offset").asLong(),
                node.path("time").asLong());
    }
}
