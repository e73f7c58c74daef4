package io.switchboard.systemtests;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.systemtests.Facts.Seen;
import io.switchboard.systemtests.Verdict.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One page against what it should have seen.
///
/// Confined to one judgement.
final class PageCheck {
    private final Facts facts;
    private final Facts.Page page;
    private final Verdict.Builder found;

    PageCheck(Facts facts, Facts.Page page, Verdict.Builder found) {
        this.facts = facts;
        this.page = page;
        this.found = found;
    }

    void check() {
        var logs = new LinkedHashMap<Address, List<Seen>>();
        for (var seen : page.seen) {
            logs.computeIfAbsent(seen.address(), _ -> new ArrayList<>()).add(seen);
        }
        for (var address : facts.entries.keySet()) {
            if (page.identity.hears(address)) {
                logs.putIfAbsent(address, List.of());
            }
        }
        logs.forEach((address, log) -> new Walk(address).through(log));
        for (var stranger : facts.strangers) {
            if (stranger.page().equals(name())) {
                found.add(Kind.PHANTOM, "%s on %s".formatted(stranger.key(), name()));
            }
        }
    }

    private String name() {
        return page.identity.page();
    }

    /// The page's way through one address.
    private final class Walk {
        private final Address address;
        private final Map<LaneId, Long> reached = new HashMap<>();
        private final Set<History.Key> had = new HashSet<>();
        private final Set<Position> hadAt = new HashSet<>();

        Walk(Address address) {
            this.address = address;
            var remembered = page.identity.positions().get(address.feed());
            if (remembered != null) {
                reached.put(remembered.lane(), remembered.offset());
            }
        }

        void through(List<Seen> log) {
            for (var seen : log) {
                if (!seen.isLost()) {
                    onHandled(seen);
                }
                reached.merge(seen.position().lane(), seen.position().offset(), Math::max);
            }
            if (page.onlineAtLine >= 0) {
                checkTail();
            }
        }

        private void onHandled(Seen seen) {
            var before = reached.get(seen.position().lane());
            hadAt.add(seen.position());
            if (!had.add(seen.key())) {
                found.add(Kind.DUPLICATED, "%s on %s".formatted(seen.key(), name()));
            } else if (before != null && seen.position().offset() <= before) {
                found.add(
                        Kind.REORDERED,
                        "%s at %s on %s, which had reached %d"
                                .formatted(seen.key(), seen.position(), name(), before));
            } else if (before != null) {
                checkHole(before, seen);
            }
        }

        private void checkHole(long before, Seen seen) {
            var lane = seen.position().lane();
            facts.entries(address, lane)
                    .subMap(before, false, seen.position().offset(), false)
                    .forEach(
                            (offset, key) -> {
                                if (!has(key, lane, offset)) {
                                    found.add(
                                            Kind.SILENT_HOLES,
                                            "%s at %s, before %s, on %s"
                                                    .formatted(
                                                            key,
                                                            lane.position(offset),
                                                            seen.key(),
                                                            name()));
                                }
                            });
        }

        /// What a page must have seen at the end: everything after what it reached; and if it
        /// reached nothing, what was sent after it came online.
        private void checkTail() {
            for (var lane : facts.entries.getOrDefault(address, Map.of()).keySet()) {
                var from = reached.get(lane);
                var entries = facts.entries(address, lane);
                var due = from == null ? entries : entries.tailMap(from, false);
                due.forEach(
                        (offset, key) -> {
                            if (!has(key, lane, offset) && (from != null || isAwaited(key))) {
                                found.add(
                                        Kind.UNSEEN_TAIL,
                                        "%s at %s on %s"
                                                .formatted(key, lane.position(offset), name()));
                            }
                        });
            }
        }

        private boolean has(History.Key key, LaneId lane, long offset) {
            return had.contains(key) || hadAt.contains(lane.position(offset));
        }

        /// A page that has no position begins at what its agent had acknowledged when the shard
        /// could answer. That is before it came online, unless Redis had lost the shard: then
        /// another tab may have been quicker, and a receipt says that it was.
        private boolean isAwaited(History.Key key) {
            return key.isFirst()
                    && facts.producedAtLine.getOrDefault(key.event(), -1) > page.firstOnlineAtLine
                    && !facts.wasAcknowledgedAfterALoss(key.event());
        }
    }
}
