package io.switchboard.inbox;

import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.ReceiptLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is kept for one address. Entries are *open* after `settled`, and only then owe a receipt.
/// An agent's entries leave a few minutes after they were acknowledged; a role's or app's stay
/// for its other members until ttl or caps end them.
///
/// Confined to its shard.
final class Mailbox {
    /// How long acknowledged entries stay at least, for the agent's other tabs.
    static final long KEEP_ACKED_MILLIS = 3 * 60_000;

    record Item(
            long offset,
            long prev,
            String eventId,
            long expiry,
            byte[] frame,
            ReceiptLevel receipts) {
        boolean expired(long now) {
            return expiry <= now;
        }
    }

    /// Of two registrations of one edge the larger stays.
    record Registration(long incarnation, long number) {
        boolean laterThan(Registration other) {
            return incarnation != other.incarnation
                    ? incarnation > other.incarnation
                    : number > other.number;
        }
    }

    private final Address address;
    private final Outbox outbox;
    private final TreeMap<Long, Item> items = new TreeMap<>();
    private final Tombstones tombstones;
    private final TreeMap<String, Registration> registrations = new TreeMap<>();
    private final TreeMap<String, Long> cursors = new TreeMap<>();
    private long top = -1;
    private long acked = -1;
    private long settled = -1;
    private long gone = -1;

    /// The oldest entry that ended while no position in the acks topic covers it; -1: none.
    private long unsaved = -1;

    private long mark = -1;
    private long markedAt = -1;

    Mailbox(Address address, Outbox outbox) {
        this.address = address;
        this.outbox = outbox;
        this.tombstones = new Tombstones();
    }

    Mailbox(Mailbox other, Outbox outbox) {
        address = other.address;
        this.outbox = outbox;
        items.putAll(other.items);
        tombstones = new Tombstones(other.tombstones);
        registrations.putAll(other.registrations);
        cursors.putAll(other.cursors);
        top = other.top;
        acked = other.acked;
        settled = other.settled;
        gone = other.gone;
        unsaved = other.unsaved;
        mark = other.mark;
        markedAt = other.markedAt;
    }

    /// This mailbox with nothing but who listens.
    Mailbox onlyRegistrations(Outbox newOutbox) {
        var fresh = new Mailbox(address, newOutbox);
        fresh.registrations.putAll(registrations);
        return fresh;
    }

    Address address() {
        return address;
    }

    boolean shared() {
        return !(address instanceof Address.Agent);
    }

    // --- storing

    /// Where the chain of entries stands for a reader: after a rebuild, what is settled is behind
    /// the first entry that is seen again, even if it was never stored here.
    long prevOf(long offset, long base) {
        long before = top >= 0 ? top : Math.min(settled, offset - 1);
        return Math.max(before, Math.min(base, offset) - 1);
    }

    /// Whether its entry was over before this shard met it: a position says so.
    boolean endedBefore(long offset) {
        return offset > acked && offset <= settled;
    }

    void store(Item item, long now) {
        top = Math.max(top, item.offset());
        items.put(item.offset(), item);
        if (item.offset() <= acked && markedAt < 0) {
            markAcked(now);
        }
    }

    /// An entry that is over as it arrives.
    void storeEnded(Item item, boolean expired, long now) {
        top = Math.max(top, item.offset());
        long oldest = oldestOpen();
        bury(item, expired, true, now);
        settleOver(Math.min(oldest, item.offset()));
    }

    /// Drops the oldest until the caps hold; the newest always stays.
    void cap(int entries, int bytes, long now) {
        long first = oldestOpen();
        var held = held();
        long count = held.size();
        long size = held.values().stream().mapToLong(each -> each.frame().length).sum();
        while (count > 1 && (count > entries || size > bytes)) {
            var oldest = held.pollFirstEntry().getValue();
            count--;
            size -= oldest.frame().length;
            bury(oldest, oldest.expired(now), true, now);
        }
        settleOver(first);
    }

    // --- ending

    /// Turns at most `most` expired entries into tombstones.
    int expire(long now, int most) {
        long first = oldestOpen();
        var over = held().values().stream().filter(each -> each.expired(now)).limit(most).toList();
        over.forEach(each -> bury(each, true, true, now));
        settleOver(first);
        return over.size();
    }

    /// What has expired is expired, whatever is acknowledged afterwards.
    void ack(long through, long now) {
        reach(through, through, true, now);
    }

    /// Takes over a position from the acks topic: everything through it has had its receipts.
    void restore(AckedPosition position, long now) {
        gone = Math.max(gone, position.gone());
        reach(position.acked(), position.settled(), false, now);
        if (position.settled() >= settled) {
            unsaved = -1;
        } else if (unsaved >= 0) {
            unsaved = Math.max(unsaved, position.settled() + 1);
        }
    }

    /// Whether something has ended that the topic must yet learn.
    boolean aheadOfTopic() {
        return unsaved >= 0;
    }

    /// How far the topic has said what happened.
    long saidByTopic() {
        return aheadOfTopic() ? unsaved - 1 : Long.MAX_VALUE;
    }

    private void reach(long newAcked, long newSettled, boolean owes, long now) {
        long first = oldestOpen();
        long before = acked;
        long throughAcked = Math.max(acked, newAcked);
        long to = Math.max(settled, Math.max(newSettled, throughAcked));
        for (var each : List.copyOf(items.subMap(settled, false, to, true).values())) {
            if (each.offset() > throughAcked || (owes && each.expired(now))) {
                bury(each, each.expired(now), owes, now);
            } else if (owes && each.receipts() == ReceiptLevel.ALL) {
                outbox.ended(
                        OutboxEntry.Kind.ACKNOWLEDGED, each.offset(), address, each.eventId(), now);
            }
        }
        if (first <= to && unsaved < 0) {
            unsaved = first;
        }
        acked = throughAcked;
        settled = to;
        settleOver(first);
        if (acked > before) {
            markAcked(now);
        }
    }

    /// Lets go of what was acknowledged long enough ago.
    void trim(long now) {
        if (markedAt < 0 || now - markedAt < KEEP_ACKED_MILLIS) {
            return;
        }
        removeThrough(mark);
        boolean more = acked > mark;
        mark = more ? acked : -1;
        markedAt = more ? now : -1;
    }

    private void markAcked(long now) {
        if (shared()) {
            return;
        }
        if (markedAt >= 0) {
            if (now - markedAt < KEEP_ACKED_MILLIS) {
                return;
            }
            removeThrough(mark);
        }
        mark = acked;
        markedAt = now;
    }

    private void removeThrough(long offset) {
        items.headMap(offset, true).clear();
        tombstones.removeThrough(offset);
    }

    private void bury(Item item, boolean expired, boolean owes, long now) {
        items.remove(item.offset());
        gone = Math.max(gone, item.offset());
        tombstones.add(item.offset(), expired, this::alive);
        if (owes && item.offset() > settled && item.receipts() != ReceiptLevel.NONE) {
            outbox.ended(
                    expired ? OutboxEntry.Kind.EXPIRED : OutboxEntry.Kind.DROPPED,
                    item.offset(),
                    address,
                    item.eventId(),
                    now);
        }
    }

    private boolean alive(long after, long before) {
        return after < before && !items.subMap(after, false, before, false).isEmpty();
    }

    /// Moves `settled` over entries that are over, up to the first open one.
    ///
    /// @param first the oldest of those that may be over now
    private void settleOver(long first) {
        long open = oldestOpen();
        if (open <= first) {
            return;
        }
        var next = items.get(open);
        long through = next == null ? top : next.prev();
        if (through > settled) {
            settled = through;
            if (unsaved < 0) {
                unsaved = first;
            }
        }
    }

    private long oldestOpen() {
        var open = items.higherKey(settled);
        return open == null ? Long.MAX_VALUE : open;
    }

    /// What caps and expiry work on: an agent's open entries, all of a role's or app's.
    private NavigableMap<Long, Item> held() {
        return new TreeMap<>(shared() ? items : items.tailMap(settled, false));
    }

    // --- reading

    @Nullable Item item(long offset) {
        return items.get(offset);
    }

    long acked() {
        return acked;
    }

    /// acked, settled, gone
    long[] position() {
        return new long[] {acked, settled, gone};
    }

    /// From where a rebuild would have to store this address again.
    long floor() {
        var oldest =
                shared() ? (items.isEmpty() ? null : items.firstKey()) : items.higherKey(settled);
        long floor = oldest == null ? Long.MAX_VALUE : oldest;
        return unsaved < 0 ? floor : Math.min(floor, unsaved);
    }

    Feed read(long after, int limit, int bytes, long now, Feed.Standing standing) {
        var entries = new ArrayList<Feed.Entry>();
        var points = new ArrayList<>(tombstones.after(after));
        long read = 0;
        long expiredOpen = 0;
        boolean more = false;
        for (var each : items.tailMap(after, false).values()) {
            if (each.expired(now)) {
                points.add(new Feed.Gone(each.offset(), 1, 0));
                expiredOpen += each.offset() > settled ? 1 : 0;
                continue;
            }
            if (!entries.isEmpty()
                    && (entries.size() >= limit || read + each.frame().length > bytes)) {
                more = true;
                break;
            }
            read += each.frame().length;
            entries.add(
                    new Feed.Entry(
                            each.offset(),
                            each.prev(),
                            each.eventId(),
                            each.expiry(),
                            each.frame()));
        }
        long through = more ? entries.getLast().offset() : Long.MAX_VALUE;
        points.removeIf(each -> each.through() > through);
        long open = items.tailMap(settled, false).size();
        return new Feed(
                true,
                after,
                entries,
                Tombstones.merged(points, entries),
                more,
                open - expiredOpen,
                standing);
    }

    // --- who listens, and how far each member is

    boolean register(EdgeRef edge, long number) {
        var asked = new Registration(edge.incarnation(), number);
        var before = registrations.get(edge.id());
        if (before == null || asked.laterThan(before)) {
            registrations.put(edge.id(), asked);
        }
        return registered(edge, number);
    }

    /// Whether hints for this address reach that life of the edge.
    boolean registered(EdgeRef edge, long number) {
        var there = registrations.get(edge.id());
        return there != null
                && there.incarnation() == edge.incarnation()
                && there.number() >= number;
    }

    void unregister(EdgeRef edge, long number) {
        registrations.remove(edge.id(), new Registration(edge.incarnation(), number));
    }

    void forget(EdgeRef dead) {
        registrations
                .entrySet()
                .removeIf(
                        each ->
                                each.getKey().equals(dead.id())
                                        && each.getValue().incarnation() == dead.incarnation());
    }

    List<EdgeRef> edges() {
        return registrations.entrySet().stream()
                .map(each -> new EdgeRef(each.getKey(), each.getValue().incarnation()))
                .toList();
    }

    @Nullable Long cursor(String agent) {
        return cursors.get(agent);
    }

    /// True if it moved.
    boolean moveCursor(String agent, long to) {
        var before = cursors.get(agent);
        if (before != null && before >= to) {
            return false;
        }
        cursors.put(agent, to);
        return true;
    }

    Feed.Standing standing(long base, long fence, String generation, boolean registered) {
        return new Feed.Standing(
                top >= 0 ? top : settled, acked, settled, base, fence, generation, registered);
    }
}
