package io.switchboard.inbox;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiPredicate;

/// What expired or overflowed in one inbox, oldest first. Beyond [#MAX] two become one that spans
/// both, if possible such as have nothing alive between them. Its counts are for whoever comes
/// from before it: whoever stands within it had some of what it counts, nobody knows how much.
///
/// Confined to its shard.
final class Tombstones {
    static final int MAX = 16;

    /// @param from offset of the first that it counts
    /// @param through offset of the last
    record Span(long from, long through, int expired, int overflow) {
        private Span with(Span later) {
            return new Span(
                    from, later.through, expired + later.expired, overflow + later.overflow);
        }

        private Feed.Gone after(long position) {
            return from > position
                    ? new Feed.Gone(through, expired, overflow)
                    : new Feed.Gone(through, 0, 0);
        }
    }

    private final List<Span> spans;

    Tombstones() {
        this.spans = new ArrayList<>();
    }

    Tombstones(Tombstones other) {
        this.spans = new ArrayList<>(other.spans);
    }

    /// @param alive whether there is a live entry between two offsets
    void add(long offset, boolean expired, BiPredicate<Long, Long> alive) {
        int at = 0;
        while (at < spans.size() && spans.get(at).through <= offset) {
            at++;
        }
        spans.add(at, new Span(offset, offset, expired ? 1 : 0, expired ? 0 : 1));
        if (spans.size() > MAX) {
            int one = firstNeighbours(alive);
            spans.set(one, spans.get(one).with(spans.remove(one + 1)));
        }
    }

    private int firstNeighbours(BiPredicate<Long, Long> alive) {
        for (int at = 0; at + 1 < spans.size(); at++) {
            if (!alive.test(spans.get(at).through, spans.get(at + 1).from)) {
                return at;
            }
        }
        return 0;
    }

    void removeThrough(long offset) {
        spans.removeIf(each -> each.through <= offset);
    }

    List<Feed.Gone> after(long position) {
        return spans.stream()
                .filter(each -> each.through > position)
                .map(each -> each.after(position))
                .toList();
    }

    /// What no entry stands between, and whose counts are known, as one.
    static List<Feed.Gone> merged(List<Feed.Gone> gone, List<Feed.Entry> entries) {
        var sorted = new ArrayList<>(gone);
        sorted.sort(Comparator.comparingLong(Feed.Gone::through));
        var merged = new ArrayList<Feed.Gone>();
        for (var each : sorted) {
            var last = merged.isEmpty() ? null : merged.getLast();
            if (last == null
                    || !last.isCounted()
                    || !each.isCounted()
                    || entries.stream().anyMatch(it -> isBetween(it, last, each))) {
                merged.add(each);
            } else {
                merged.removeLast();
                merged.add(
                        new Feed.Gone(
                                each.through(),
                                last.expired() + each.expired(),
                                last.overflow() + each.overflow()));
            }
        }
        return merged;
    }

    private static boolean isBetween(Feed.Entry entry, Feed.Gone one, Feed.Gone other) {
        return entry.offset() > one.through() && entry.offset() < other.through();
    }
}
