package io.switchboard.systemtests;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// A history, indexed by event and by page.
///
/// Confined to one judgement.
final class Facts {
    /// A position that was acknowledged is in the log after this time, whatever goes wrong.
    private static final long MEMORY_MILLIS = 10_000;

    final Map<String, Event> events = new LinkedHashMap<>();
    final Map<String, Page> pages = new LinkedHashMap<>();
    final Map<String, Integer> faults = new HashMap<>();
    final Map<String, Integer> producedAtLine = new HashMap<>();
    /// Per address and lane: the positions that are its events.
    final Map<Address, Map<LaneId, NavigableMap<Long, History.Key>>> entries = new HashMap<>();
    final List<History.Handled> strangers = new ArrayList<>();
    private final TreeSet<Long> rollbacks = new TreeSet<>();
    private final TreeSet<Long> flushes = new TreeSet<>();
    int suppressed;
    int told;
    int handled;
    int redelivered;

    static Facts of(List<History.Line> lines) {
        var facts = new Facts();
        // Producers first: a browser may well be quicker to say so than the producer is.
        for (int i = 0; i < lines.size(); i++) {
            facts.onProducer(i, lines.get(i));
        }
        for (int i = 0; i < lines.size(); i++) {
            facts.onBrowser(i, lines.get(i));
        }
        return facts;
    }

    private void onProducer(int line, History.Line entry) {
        switch (entry.event()) {
            case History.Produced(var id, var address) -> {
                events.computeIfAbsent(id, key -> new Event(key, address));
                producedAtLine.putIfAbsent(id, line);
            }
            case History.Promised(var id) -> {
                var event = events.get(id);
                if (event == null) {
                    throw new IllegalArgumentException(
                            "history: %s is promised and was never produced".formatted(id));
                }
                if (!event.promised) {
                    event.promised = true;
                    event.promisedAt = entry.at();
                }
            }
            case History.Receipted(var receipt) -> onReceipt(line, entry.at(), receipt);
            case History.Struck(var fault) -> {
                faults.merge(fault, 1, Integer::sum);
                if (fault.endsWith(History.Struck.ROLLBACK)) {
                    rollbacks.add(entry.at());
                } else if (fault.endsWith(History.Struck.FLUSH)) {
                    flushes.add(entry.at());
                }
            }
            default -> {}
        }
    }

    private void onReceipt(int line, long at, Receipt receipt) {
        var event = events.get(receipt.id());
        if (event == null) {
            return;
        }
        event.receipts.add(receipt);
        if (receipt.kind().terminal()) {
            event.lastEndAt = at;
        }
        var position = receipt.position();
        if (receipt.kind() == Receipt.Kind.ACKNOWLEDGED && position != null) {
            event.acknowledged.putIfAbsent(position, new Moment(line, at));
        }
        if (position != null && receipt.kind() != Receipt.Kind.REJECTED) {
            entry(event.address, position, History.Key.of(receipt.id()));
        }
    }

    private void onBrowser(int line, History.Line entry) {
        switch (entry.event()) {
            case History.Opened opened -> pages.put(opened.page(), new Page(opened, line));
            case History.Online(var name) -> {
                var page = page(name);
                page.onlineAtLine = line;
                if (page.firstOnlineAtLine < 0) {
                    page.firstOnlineAtLine = line;
                }
            }
            case History.Offline(var name) -> page(name).onlineAtLine = -1;
            case History.Handled it -> onHandled(line, entry.at(), it);
            case History.ToldLost it -> {
                told++;
                var page = page(it.page());
                page.seen.add(
                        new Seen(line, page.identity.address(it.feed()), it.through(), Seen.LOST));
            }
            case History.Suppressed _ -> suppressed++;
            default -> {}
        }
    }

    private void onHandled(int line, long at, History.Handled it) {
        handled++;
        redelivered += it.key().isFirst() ? 0 : 1;
        var page = page(it.page());
        var address = page.identity.address(it.feed());
        page.seen.add(new Seen(line, address, it.position(), it.key()));
        var event = events.get(it.key().event());
        if (event == null || !event.address.equals(address)) {
            strangers.add(it);
            return;
        }
        entry(address, it.position(), it.key());
        event.handlings.add(it);
        if (event.firstHandledAt < 0 && it.key().isFirst()) {
            event.firstHandledAt = at;
        }
    }

    private void entry(Address address, Position position, History.Key key) {
        entries.computeIfAbsent(address, _ -> new HashMap<>())
                .computeIfAbsent(position.lane(), _ -> new TreeMap<>())
                .putIfAbsent(position.offset(), key);
    }

    /// Whether what was acknowledged then may have been forgotten.
    boolean forgot(long acknowledgedAt) {
        var flush = flushes.ceiling(acknowledgedAt - MEMORY_MILLIS);
        return rollbacks.higher(acknowledgedAt - MEMORY_MILLIS) != null
                || (flush != null && flush < acknowledgedAt + MEMORY_MILLIS);
    }

    /// Whether Redis lost anything between the two.
    boolean lostMemory(long from, long to) {
        return !rollbacks.subSet(from, true, Math.max(from, to), true).isEmpty()
                || !flushes.subSet(from, true, Math.max(from, to), true).isEmpty();
    }

    /// Where receipts are not known, having been handled stands for it.
    boolean wasAcknowledgedAfterALoss(String id) {
        var event = events.get(id);
        return event != null
                && event.firstHandledAt >= 0
                && (event.receipts.isEmpty() || !event.acknowledged.isEmpty())
                && lostMemory(Long.MIN_VALUE, event.firstHandledAt);
    }

    /// A page was told that it expired or was dropped, and then Redis forgot that end of it: the
    /// receipt names the other one.
    boolean toldAndForgotten(Event event) {
        boolean forgot = !rollbacks.isEmpty() || !flushes.isEmpty();
        return forgot
                && event.receipts.stream()
                        .map(Receipt::position)
                        .filter(Objects::nonNull)
                        .anyMatch(position -> wasTold(event.address, position));
    }

    private boolean wasTold(Address address, Position position) {
        return pages.values().stream()
                .flatMap(page -> page.seen.stream())
                .anyMatch(
                        seen ->
                                seen.isLost()
                                        && seen.address.equals(address)
                                        && seen.position.lane().equals(position.lane())
                                        && seen.position.offset() >= position.offset());
    }

    NavigableMap<Long, History.Key> entries(Address address, LaneId lane) {
        return entries.getOrDefault(address, Map.of()).getOrDefault(lane, new TreeMap<>());
    }

    private Page page(String name) {
        var page = pages.get(name);
        if (page == null) {
            throw new IllegalArgumentException(
                    "history: page %s speaks and was never opened".formatted(name));
        }
        return page;
    }

    Verdict.Figures figures() {
        int promised = 0;
        long worst = 0;
        for (var event : events.values()) {
            promised += event.promised ? 1 : 0;
            if (event.firstHandledAt >= 0 && event.promisedAt >= 0) {
                worst = Math.max(worst, event.firstHandledAt - event.promisedAt);
            }
        }
        return new Verdict.Figures(
                pages.size(),
                events.size(),
                promised,
                handled,
                redelivered,
                suppressed,
                told,
                worst);
    }

    record Moment(int line, long at) {}

    /// An event, from all sides.
    static final class Event {
        final String id;
        final Address address;
        boolean promised;
        long promisedAt = -1;
        long firstHandledAt = -1;
        /// First, by the entry's position: a redelivery is acknowledged by itself.
        final Map<Position, Moment> acknowledged = new HashMap<>();

        long lastEndAt = -1;
        final List<History.Handled> handlings = new ArrayList<>();
        final List<Receipt> receipts = new ArrayList<>();

        Event(String id, Address address) {
            this.id = id;
            this.address = address;
        }

        /// The ways in which it ended, by the entry's position.
        Map<Optional<Position>, EnumSet<Receipt.Kind>> ends() {
            var ends = new HashMap<Optional<Position>, EnumSet<Receipt.Kind>>();
            for (var receipt : receipts) {
                if (receipt.kind().terminal()) {
                    ends.computeIfAbsent(
                                    Optional.ofNullable(receipt.position()),
                                    _ -> EnumSet.noneOf(Receipt.Kind.class))
                            .add(receipt.kind());
                }
            }
            return ends;
        }
    }

    /// A page's log, and the state that it ended in.
    static final class Page {
        final History.Opened identity;
        final int openedAtLine;
        final List<Seen> seen = new ArrayList<>();
        int onlineAtLine = -1;
        int firstOnlineAtLine = -1;

        Page(History.Opened identity, int line) {
            this.identity = identity;
            this.openedAtLine = line;
        }
    }

    /// A handled event or a LOST, in the order of the page.
    record Seen(int line, Address address, Position position, History.Key key) {
        static final History.Key LOST = new History.Key("", "LOST");

        boolean isLost() {
            return key.equals(LOST);
        }
    }
}
