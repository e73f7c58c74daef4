package io.switchboard.inbox;

import io.switchboard.inbox.Append.Verdict;
import io.switchboard.inbox.AppendAnswer.Outcome;
import io.switchboard.inbox.Inbox.SettleAnswer;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One lane's part of an [InMemoryInbox].
///
/// Confined to its inbox's lock.
final class Shard {
    private static final Comparator<Append.OriginFence> BY_ORIGIN =
            Comparator.comparingLong(Append.OriginFence::offset)
                    .thenComparingInt(Append.OriginFence::index);

    private final LaneId lane;
    private final Map<Address, Mailbox> mailboxes =
            new TreeMap<>(Comparator.comparing(Address::toString));
    private final Map<String, Append.OriginFence> origins = new HashMap<>();
    private final TreeMap<Long, Long> delayed = new TreeMap<>();
    private RecentIds ids = new RecentIds(Inbox.DEDUPE_WINDOW.toMillis());
    private RecentIds letters = new RecentIds(Inbox.LETTER_WINDOW.toMillis());
    private Outbox outbox = new Outbox();
    private @Nullable Long fence;
    private String generation = "";
    private String restoreToken = "";
    private long base;
    private long acksApplied;

    Shard(LaneId lane) {
        this.lane = lane;
    }

    Shard(Shard other) {
        lane = other.lane;
        outbox = new Outbox(other.outbox);
        other.mailboxes.forEach((to, box) -> mailboxes.put(to, new Mailbox(box, outbox)));
        origins.putAll(other.origins);
        delayed.putAll(other.delayed);
        ids = new RecentIds(other.ids);
        letters = new RecentIds(other.letters);
        fence = other.fence;
        generation = other.generation;
        restoreToken = other.restoreToken;
        base = other.base;
        acksApplied = other.acksApplied;
    }

    // --- the lane's side

    AppendAnswer append(Append batch, long now, Supplier<String> newGeneration) {
        var init = batch.init();
        if (fence == null
                && (init == null || restoreToken.isEmpty() || !init.token().equals(restoreToken))) {
            return new AppendAnswer.Behind(null);
        }
        if (acksApplied < batch.acksOffset()) {
            return new AppendAnswer.AcksBehind(acksApplied);
        }
        if (fence != null && batch.prev() > fence) {
            return new AppendAnswer.Behind(fence);
        }
        long known = fence == null ? batch.prev() : fence;
        if (fence == null && init != null) {
            base = init.base();
            generation = newGeneration.get();
            restoreToken = "";
        }
        ids.turnTo(batch.recordTime());
        letters.turnTo(batch.recordTime());
        fence = Math.max(known, batch.end());
        var outcomes = new ArrayList<Outcome>();
        for (var each : batch.records()) {
            if (each.releases() != null) {
                delayed.remove(each.releases());
            }
            outcomes.add(
                    each.offset() <= known ? again(each, now) : judge(each, batch.caps(), now));
        }
        for (int at = 0; at < outcomes.size(); at++) {
            outcomes.set(at, unlessDroppedSince(batch.records().get(at), outcomes.get(at)));
        }
        return new AppendAnswer.Appended(
                fence,
                floor(fence),
                generation,
                acksApplied,
                outcomes,
                batch.drains()
                        ? outbox.oldest(AppendAnswer.Appended.MAX_OUTBOX, this::position)
                        : List.of(),
                batch.drains() && outbox.size() > AppendAnswer.Appended.MAX_OUTBOX);
    }

    /// A record that the fence has passed.
    private Outcome again(Append.Record record, long now) {
        if (record.verdict() instanceof Verdict.Pass) {
            return outcome(Outcome.Kind.PASSED);
        }
        if (delayed.containsKey(record.offset())) {
            return outcome(Outcome.Kind.DELAYED);
        }
        var box = mailboxes.get(record.address());
        var item = box == null ? null : box.item(record.offset());
        if (box == null || item == null || item.expired(now)) {
            return outcome(Outcome.Kind.REPEAT);
        }
        return new Outcome(
                Outcome.Kind.STORED, item.prev(), box.edges(), item.frame(), item.expiry());
    }

    private Outcome judge(Append.Record record, boolean caps, long now) {
        if (record.verdict() instanceof Verdict.Pass) {
            return outcome(Outcome.Kind.PASSED);
        }
        if (repeated(record)) {
            return outcome(Outcome.Kind.REPEAT);
        }
        return switch (record.verdict()) {
            case Verdict.Pass _ -> outcome(Outcome.Kind.PASSED);
            case Verdict.Delay(long due) -> {
                delayed.put(record.offset(), due);
                yield outcome(Outcome.Kind.DELAYED);
            }
            case Verdict.Store _ -> store(record, false, caps, now);
            case Verdict.Drop _ -> store(record, true, caps, now);
        };
    }

    private boolean repeated(Append.Record record) {
        var origin = record.origin();
        if (origin != null) {
            var passed = origins.get(origin.source());
            if (passed != null && BY_ORIGIN.compare(passed, origin) >= 0) {
                return true;
            }
            origins.put(origin.source(), origin);
        }
        if (heldBefore(ids, record.ids(), record.offset())
                || heldBefore(letters, record.letterIds(), record.offset())) {
            return true;
        }
        record.ids().forEach(id -> ids.put(id, record.offset()));
        record.letterIds().forEach(id -> letters.put(id, record.offset()));
        return false;
    }

    private static boolean heldBefore(RecentIds recent, List<String> keys, long offset) {
        for (var key : keys) {
            var seen = recent.find(key);
            if (seen != null && seen < offset) {
                return true;
            }
        }
        return false;
    }

    private Outcome store(Append.Record record, boolean drop, boolean caps, long now) {
        var box = mailbox(record.address());
        var before = box.position();
        var item =
                new Mailbox.Item(
                        record.offset(),
                        box.prevOf(record.offset(), base),
                        record.eventId(),
                        record.expiry(),
                        record.frame(),
                        record.receipts());
        var expired = item.expired(now);
        if (drop || expired || box.endedBefore(record.offset())) {
            box.storeEnded(item, expired && !drop, now);
            moved(box, before);
            return new Outcome(Outcome.Kind.GONE, item.prev(), List.of(), null, record.expiry());
        }
        box.store(item, now);
        if (caps) {
            box.cap(record.capEntries(), record.capBytes(), now);
        }
        moved(box, before);
        return new Outcome(Outcome.Kind.STORED, item.prev(), box.edges(), null, record.expiry());
    }

    /// A later record of the same batch may have pushed it out.
    private Outcome unlessDroppedSince(Append.Record record, Outcome outcome) {
        if (outcome.kind() != Outcome.Kind.STORED
                || mailbox(record.address()).item(record.offset()) != null) {
            return outcome;
        }
        return new Outcome(Outcome.Kind.GONE, outcome.prev(), List.of(), null, outcome.expiry());
    }

    private static Outcome outcome(Outcome.Kind kind) {
        return new Outcome(kind, -1, List.of(), null, 0);
    }

    Inbox.LaneState state() {
        return new Inbox.LaneState(fence, generation, acksApplied);
    }

    void restore(Inbox.Restore part, long now) {
        if (fence != null) {
            return;
        }
        boolean begins = part.after().isEmpty() && !part.token().equals(restoreToken);
        if (begins) {
            beginAnew();
        } else if (!part.after().equals(restoreToken)) {
            return;
        }
        restoreToken = part.token();
        ours(part.positions()).forEach(each -> take(each, now));
        for (var each : part.origins()) {
            origins.merge(each.source(), each, (a, b) -> BY_ORIGIN.compare(a, b) >= 0 ? a : b);
        }
        for (var each : part.ids()) {
            (each.letter() ? letters : ids).restore(each.id(), each.offset(), each.recordTime());
        }
        acksApplied = Math.max(acksApplied, part.acksOffset());
    }

    private void beginAnew() {
        outbox = new Outbox();
        mailboxes.replaceAll((_, box) -> box.onlyRegistrations(outbox));
        origins.clear();
        delayed.clear();
        ids = new RecentIds(Inbox.DEDUPE_WINDOW.toMillis());
        letters = new RecentIds(Inbox.LETTER_WINDOW.toMillis());
        acksApplied = 0;
    }

    SettleAnswer settle(Inbox.Settle part, long now) {
        var ours = ours(part.positions());
        if (fence == null) {
            return new SettleAnswer.Settled(
                    ours.stream()
                            .map(
                                    each ->
                                            new AckedPosition(
                                                    each.address(),
                                                    each.agent(),
                                                    lane.tag(),
                                                    -1,
                                                    -1,
                                                    -1))
                            .toList());
        }
        if (acksApplied < part.from()) {
            return new SettleAnswer.AcksBehind(acksApplied);
        }
        ours.forEach(each -> take(each, now));
        part.drained().forEach(each -> outbox.remove(each, this::position));
        for (var each : ours) {
            if (each.agent() == null && mailbox(each.address()).aheadOfTopic()) {
                outbox.moved(new Outbox.Mover(each.address(), null), next());
            }
        }
        acksApplied = Math.max(acksApplied, part.to());
        return new SettleAnswer.Settled(
                ours.stream().map(each -> held(each.address(), each.agent())).toList());
    }

    private List<AckedPosition> ours(List<AckedPosition> positions) {
        return positions.stream().filter(each -> each.tag().equals(lane.tag())).toList();
    }

    private void take(AckedPosition position, long now) {
        var box = mailbox(position.address());
        var agent = position.agent();
        if (agent != null) {
            box.moveCursor(agent, position.acked());
        } else {
            box.restore(position, now);
        }
    }

    private AckedPosition held(Address address, @Nullable String agent) {
        var at = position(new Outbox.Mover(address, agent));
        long said = agent == null ? mailbox(address).saidByTopic() : Long.MAX_VALUE;
        return new AckedPosition(
                address, agent, lane.tag(), Math.min(at[0], said), Math.min(at[1], said), at[2]);
    }

    void advance(long to) {
        if (fence == null) {
            return;
        }
        delayed.headMap(to, false).clear();
        if (to - 1 > fence) {
            fence = to - 1;
            base = to;
        }
    }

    Inbox.Swept sweep(long now) {
        if (fence == null) {
            return new Inbox.Swept(List.of(), 0, false);
        }
        int expired = 0;
        for (var box : mailboxes.values()) {
            var before = box.position();
            expired += box.expire(now, Integer.MAX_VALUE);
            moved(box, before);
            box.trim(now);
        }
        var due =
                delayed.entrySet().stream()
                        .filter(each -> each.getValue() <= now)
                        .sorted(
                                Map.Entry.<Long, Long>comparingByValue()
                                        .thenComparing(Map.Entry::getKey))
                        .limit(Inbox.Swept.MAX_DUE)
                        .map(Map.Entry::getKey)
                        .toList();
        return new Inbox.Swept(due, expired, false);
    }

    // --- the edge's side

    Feed attach(Inbox.Attach request, int bytes, long now) {
        var box = mailbox(request.address());
        var registered = box.register(request.edge(), request.registration());
        var after = request.after();
        if (fence == null) {
            return notYet(after == null ? -1 : after, registered);
        }
        var agent = box.shared() ? request.agent() : null;
        long start = box.acked();
        if (agent != null) {
            var cursor = box.cursor(agent);
            if (cursor == null) {
                cursor = after == null ? start : Math.min(after, start);
                box.moveCursor(agent, cursor);
                outbox.moved(new Outbox.Mover(request.address(), agent), next());
            }
            start = cursor;
        }
        return box.read(
                after == null ? start : after,
                request.limit(),
                bytes,
                now,
                standing(box, registered));
    }

    void detach(Address address, EdgeRef edge, long registration) {
        var box = mailboxes.get(address);
        if (box != null) {
            box.unregister(edge, registration);
        }
    }

    Feed read(Address address, long after, int limit, int bytes, long now) {
        var box = mailboxes.get(address);
        if (fence == null) {
            return notYet(after, false);
        }
        var read = box == null ? new Mailbox(address, outbox) : box;
        return read.read(after, limit, bytes, now, standing(box, false));
    }

    Feed.Standing check(Inbox.Check check) {
        var box = mailboxes.get(check.address());
        return standing(box, box != null && box.registered(check.edge(), check.registration()));
    }

    Feed.Standing ack(Inbox.Ack ack, long now) {
        if (fence == null) {
            return standing(null, false);
        }
        long through = Math.min(ack.offset(), fence);
        var box = mailbox(ack.address());
        var agent = box.shared() ? ack.agent() : null;
        if (agent != null && box.moveCursor(agent, through)) {
            outbox.moved(new Outbox.Mover(ack.address(), agent), next());
        }
        var before = box.position();
        box.ack(through, now);
        moved(box, before);
        return standing(box, false);
    }

    void forget(Address address, List<EdgeRef> dead) {
        var box = mailboxes.get(address);
        if (box != null) {
            dead.forEach(box::forget);
        }
    }

    private Feed notYet(long from, boolean registered) {
        return new Feed(false, from, List.of(), List.of(), false, 0, standing(null, registered));
    }

    private Feed.Standing standing(@Nullable Mailbox box, boolean registered) {
        if (fence == null) {
            return new Feed.Standing(-1, -1, -1, 0, -1, "", registered);
        }
        return box == null
                ? new Feed.Standing(-1, -1, -1, base, fence, generation, registered)
                : box.standing(base, fence, generation, registered);
    }

    private Mailbox mailbox(Address address) {
        return mailboxes.computeIfAbsent(address, each -> new Mailbox(each, outbox));
    }

    private long[] position(Outbox.Mover mover) {
        var box = mailbox(mover.address());
        var agent = mover.agent();
        if (agent == null) {
            return box.position();
        }
        var cursor = box.cursor(agent);
        long at = cursor == null ? -1 : cursor;
        return new long[] {at, at, -1};
    }

    private void moved(Mailbox box, long[] before) {
        if (!Arrays.equals(before, box.position())) {
            outbox.moved(new Outbox.Mover(box.address(), null), next());
        }
    }

    private long next() {
        return fence == null ? 0 : fence + 1;
    }

    private long floor(long theFence) {
        long floor = Math.min(theFence + 1, outbox.lowest());
        if (!delayed.isEmpty()) {
            floor = Math.min(floor, delayed.firstKey());
        }
        for (var box : mailboxes.values()) {
            floor = Math.min(floor, box.floor());
        }
        return floor;
    }
}
