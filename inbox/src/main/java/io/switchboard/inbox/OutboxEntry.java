package io.switchboard.inbox;

import io.switchboard.schemas.Address;
import org.jspecify.annotations.Nullable;

/// Something that a function caused inside Redis and that Kafka must learn: a position for the
/// acks topic, or a receipt. Drained by the lane alone.
///
/// `id`, opaque, names it to [Inbox#settle]. `offset` is where it stands in the outbox: an event's
/// own, so that the lane's floor does not pass it while it waits; a move's is after all receipts
/// that it implies, and what it covers holds the floor by itself until the position is settled.
public sealed interface OutboxEntry {
    String id();

    long offset();

    /// The latest position of one mover; a later move takes its place, and a settled one goes only
    /// if the mover has not moved on. `address` (or one agent's cursor in it) is acknowledged
    /// through `acked`, has nothing open through `settled`, and its largest expired or dropped
    /// offset is `gone` (-1: none).
    record Moved(
            String id,
            long offset,
            Address address,
            @Nullable String agent,
            long acked,
            long settled,
            long gone)
            implements OutboxEntry {

        static Moved of(
                long offset,
                Address address,
                @Nullable String agent,
                long acked,
                long settled,
                long gone) {
            var mover = agent == null ? address.toString() : address + "|" + agent;
            return new Moved(
                    "M %s %d %d %d".formatted(mover, acked, settled, gone),
                    offset,
                    address,
                    agent,
                    acked,
                    settled,
                    gone);
        }
    }

    /// @param at when it happened, Redis's clock, ms since the epoch
    record Ended(String id, long offset, Kind kind, Address address, String eventId, long at)
            implements OutboxEntry {

        /// The least move that an acknowledgement implies: what is older has its receipt in the
        /// same page of the outbox, or has had it.
        public Moved implied() {
            return Moved.of(offset, address, null, offset, offset, -1);
        }
    }

    enum Kind {
        ACKNOWLEDGED,
        EXPIRED,
        DROPPED
    }
}
