package io.switchboard.inbox;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiPredicate;

/// What expired or overflowed in one inbox, as a few points in the log. Neighbours with nothing
/// alive between them are one point; beyond [#MAX] the two oldest become one, so that counts stay
/// exact while places blur.
///
/// Confined to its shard.
final class Tombstones {
    static final int MAX = 16;

    private final List<Feed.Gone> points;

    Tombstones() {
        this(List.of());
    }

    Tombstones(List<Feed.Gone> points) {
        this.points = new ArrayList<>(points);
    }

    List<Feed.Gone> points() {
        return List.copyOf(points);
    }

    /// @param alive whether there is a live entry between two offsets
    void add(Feed.Gone point, BiPredicate<Long, Long> alive) {
        int at = 0;
        while (at < points.size() && points.get(at).through() <= point.through()) {
            at++;
        }
        points.add(at, point);
        joinWithNext(at, alive);
        joinWithNext(at - 1, alive);
        while (points.size() > MAX) {
            joinWithNext(0, (_, _) -> false);
        }
    }

    void removeThrough(long offset) {
        points.removeIf(each -> each.through() <= offset);
    }

    private void joinWithNext(int at, BiPredicate<Long, Long> alive) {
        if (at < 0 || at + 1 >= points.size()) {
            return;
        }
        var one = points.get(at);
        var next = points.get(at + 1);
        if (!alive.test(one.through(), next.through())) {
            points.set(at, join(one, next));
            points.remove(at + 1);
        }
    }

    /// Points and what was found expired while reading, with what no entry stands between as one.
    static List<Feed.Gone> merged(List<Feed.Gone> points, List<Feed.Entry> entries) {
        var merged = new Tombstones();
        merged.points.addAll(points);
        merged.points.sort(Comparator.comparingLong(Feed.Gone::through));
        for (int at = merged.points.size() - 2; at >= 0; at--) {
            merged.joinWithNext(
                    at,
                    (after, before) ->
                            entries.stream()
                                    .anyMatch(
                                            each ->
                                                    each.offset() > after
                                                            && each.offset() < before));
        }
        return merged.points();
    }

    private static Feed.Gone join(Feed.Gone one, Feed.Gone later) {
        return new Feed.Gone(
                later.through(),
                one.expired() + later.expired(),
                one.overflow() + later.overflow());
    }
}
