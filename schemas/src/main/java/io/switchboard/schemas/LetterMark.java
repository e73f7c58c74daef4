package io.switchboard.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an operator did about a [DeadLetter]: a record without a value on the same topic, keyed
/// like the letter and therefore behind it in the same partition. Readers of letters skip records
/// with the header [#HEADER].
///
/// Immutable.
///
/// @param note for people: the ids of the events that were sent again, or why it was dropped
public record LetterMark(Kind kind, String note) {
    public static final String HEADER = "switchboard-mark";
    public static final String NOTE = "switchboard-note";

    public enum Kind {
        /// Sent again; what becomes of it is told by receipts, or by a new letter.
        REDRIVEN,
        /// Not worth sending again.
        DROPPED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Map<String, byte[]> headers() {
        return Map.of(
                HEADER, kind.word().getBytes(StandardCharsets.UTF_8),
                NOTE, note.getBytes(StandardCharsets.UTF_8));
    }

    /// Null when these are the headers of a letter, or of a mark of a later version.
    public static @Nullable LetterMark decode(Map<String, byte[]> headers) {
        var word = text(headers, HEADER);
        for (var kind : Kind.values()) {
            if (kind.word().equals(word)) {
                var note = text(headers, NOTE);
                return new LetterMark(kind, note == null ? "" : note);
            }
        }
        return null;
    }

    private static @Nullable String text(Map<String, byte[]> headers, String name) {
        var bytes = headers.get(name);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
