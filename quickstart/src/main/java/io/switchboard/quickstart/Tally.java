package io.switchboard.quickstart;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;

/// What became of the events that were sent to one agent: sent in one order, handled in another
/// perhaps.
///
/// Immutable.
///
/// @param reordered events handled after one that was sent later
record Tally(int lost, int duplicated, int reordered) {
    static Tally of(List<String> sent, List<String> handled) {
        var distinct = new HashSet<>(handled);
        var lost = (int) sent.stream().filter(id -> !distinct.contains(id)).count();
        var reordered = 0;
        var latest = -1;
        for (var id : handled) {
            var place = sent.indexOf(id);
            if (place < latest) {
                reordered++;
            }
            latest = Math.max(latest, place);
        }
        return new Tally(lost, handled.size() - distinct.size(), reordered);
    }

    Tally plus(Tally other) {
        return new Tally(
                lost + other.lost, duplicated + other.duplicated, reordered + other.reordered);
    }

    boolean isClean() {
        return lost == 0 && duplicated == 0 && reordered == 0;
    }

    /// How long something took, over many times.
    record Times(Duration p50, Duration p99) {
        /// @param nanos at least one
        static Times of(Collection<Long> nanos) {
            var sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
            return new Times(percentile(sorted, 50), percentile(sorted, 99));
        }

        double p50Millis() {
            return p50.toNanos() / 1e6;
        }

        double p99Millis() {
            return p99.toNanos() / 1e6;
        }

        /// Nearest rank.
        private static Duration percentile(long[] sorted, int percent) {
            var rank = (int) Math.ceil(percent / 100.0 * sorted.length);
            return Duration.ofNanos(sorted[Math.max(0, rank - 1)]);
        }
    }
}
