package io.switchboard.inbox;

import io.switchboard.schemas.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a shard has to tell Kafka, lowest offset first. Receipts are facts and are kept one by
/// one; of an address's (or a cursor's) moves only the latest matters, so that a move is kept as
/// a name and filled in when it is drained.
///
/// Confined to its shard.
final class Outbox {
    private record Key(long offset, String name) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byOffset = Long.compare(offset, other.offset);
            return byOffset != 0 ? byOffset : name.compareTo(other.name);
        }
    }

    /// Whose position moved.
    record Mover(Address address, @Nullable String agent) {
        private String name() {
            return agent == null ? "M " + address : "M " + address + "|" + agent;
        }
    }

    private sealed interface Waiting {
        record Receipt(OutboxEntry.Ended entry) implements Waiting {}

        record Move(Mover mover) implements Waiting {}
    }

    private final TreeMap<Key, Waiting> waiting;
    private final Map<String, Long> movedAt;

    Outbox() {
        waiting = new TreeMap<>();
        movedAt = new TreeMap<>();
    }

    Outbox(Outbox other) {
        waiting = new TreeMap<>(other.waiting);
        movedAt = new TreeMap<>(other.movedAt);
    }

    void ended(OutboxEntry.Kind kind, long offset, Address address, String eventId, long at) {
        var name = "E %d %s %d %s %s".formatted(offset, kind, at, address, eventId);
        var entry = new OutboxEntry.Ended(name, offset, kind, address, eventId, at);
        waiting.put(new Key(offset, name), new Waiting.Receipt(entry));
    }

    /// @param offset after everything that the move stands for, so that a position does not
    ///     overtake the receipts that it implies
    void moved(Mover mover, long offset) {
        var before = movedAt.put(mover.name(), offset);
        if (before != null) {
            waiting.remove(new Key(before, mover.name()));
        }
        waiting.put(new Key(offset, mover.name()), new Waiting.Move(mover));
    }

    /// The lowest offset that waits; `Long.MAX_VALUE` when nothing does.
    long lowest() {
        return waiting.isEmpty() ? Long.MAX_VALUE : waiting.firstKey().offset();
    }

    int size() {
        return waiting.size();
    }

    /// @param where the present state of a mover: acked, settled, gone
    List<OutboxEntry> oldest(int most, Function<Mover, long[]> where) {
        var entries = new ArrayList<OutboxEntry>();
        for (var each : waiting.entrySet()) {
            if (entries.size() == most) {
                break;
            }
            entries.add(
                    switch (each.getValue()) {
                        case Waiting.Receipt(var entry) -> entry;
                        case Waiting.Move(var mover) ->
                                filledIn(mover, each.getKey().offset(), where.apply(mover));
                    });
        }
        return entries;
    }

    /// Removes a drained entry; a move stays when its mover has moved on since.
    void remove(String id, Function<Mover, long[]> where) {
        if (id.startsWith("E ")) {
            var offset = Long.parseLong(id.substring(2, id.indexOf(' ', 2)));
            waiting.remove(new Key(offset, id));
            return;
        }
        for (var each : List.copyOf(waiting.entrySet())) {
            if (each.getValue() instanceof Waiting.Move(var mover)
                    && filledIn(mover, 0, where.apply(mover)).id().equals(id)) {
                waiting.remove(each.getKey());
                movedAt.remove(mover.name());
            }
        }
    }

    private static OutboxEntry.Moved filledIn(Mover mover, long offset, long[] at) {
        return OutboxEntry.Moved.of(offset, mover.address(), mover.agent(), at[0], at[1], at[2]);
    }
}
