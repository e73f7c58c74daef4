package io.switchboard.operator;

import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.LetterMark;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// A dead letter and what was done about it.
///
/// Immutable.
///
/// @param at when it became one
/// @param mark null while nobody did anything
/// @param markedAt null as `mark` is
record Letter(
        String key,
        DeadLetter letter,
        Instant at,
        @Nullable LetterMark mark,
        @Nullable Instant markedAt) {

    boolean open() {
        return mark == null;
    }

    String state() {
        return mark == null ? "open" : mark.kind().word();
    }

    /// Puts the letters of a topic together with their marks, as they are read.
    ///
    /// A dispatcher that crashed before its commit writes a letter again: the first counts. A mark
    /// counts wherever it lies: the second copy of a re-driven letter is not open.
    ///
    /// *Used by one thread.*
    static final class Book {
        private final Map<String, Letter> letters = new LinkedHashMap<>();
        private final Map<String, Marked> marks = new LinkedHashMap<>();
        private int unreadable;

        private record Marked(LetterMark mark, Instant at) {}

        void add(ConsumerRecord<byte[], byte[]> record) {
            if (record.key() == null) {
                unreadable++;
                return;
            }
            var key = new String(record.key(), StandardCharsets.UTF_8);
            var at = Instant.ofEpochMilli(record.timestamp());
            var headers = headers(record);
            var mark = LetterMark.decode(headers);
            if (mark != null) {
                marks.put(key, new Marked(mark, at));
                return;
            }
            try {
                var letter = DeadLetter.decode(headers, record.value());
                letters.putIfAbsent(key, new Letter(key, letter, at, null, null));
            } catch (IllegalArgumentException _) {
                unreadable++;
            }
        }

        /// Oldest first.
        List<Letter> letters() {
            return letters.values().stream()
                    .map(
                            each -> {
                                var marked = marks.get(each.key());
                                return marked == null
                                        ? each
                                        : new Letter(
                                                each.key(),
                                                each.letter(),
                                                each.at(),
                                                marked.mark(),
                                                marked.at());
                            })
                    .sorted(java.util.Comparator.comparing(Letter::at))
                    .toList();
        }

        /// Records of the topic that are neither letters nor marks.
        int unreadable() {
            return unreadable;
        }

        private static Map<String, byte[]> headers(ConsumerRecord<byte[], byte[]> record) {
            var headers = new LinkedHashMap<String, byte[]>();
            record.headers().forEach(header -> headers.put(header.key(), header.value()));
            return headers;
        }
    }
}
