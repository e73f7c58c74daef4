package io.switchboard.inbox;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A look into the inboxes, for people: who is online where, who has how much unread, how a shard
/// stands. Changes nothing, not even a key's ttl. What it sees is a moment of each shard.
///
/// Thread-safe; never blocks. Fails with [InboxAway].
public interface InboxInspection {
    CompletionStage<LaneView> lane(LaneId lane);

    /// @param fence null when there is none
    /// @param floor from where a rebuild would have to store; fence + 1 when nothing is open
    /// @param addresses that the shard remembers
    /// @param open those of them that have something unacknowledged or unsaved
    /// @param delayed records that wait for their time
    /// @param outbox entries that Kafka has still to learn
    /// @param now Redis's own clock
    record LaneView(
            @Nullable Long fence,
            String generation,
            long base,
            long floor,
            long addresses,
            long open,
            long delayed,
            long outbox,
            Instant now) {}

    CompletionStage<AddressView> address(LaneId lane, Address address);

    /// @param known false: nothing is remembered of this address
    /// @param edges where it is registered; of edges that died it may be for a while
    /// @param oldest unread entry; null when nothing is
    record AddressView(
            Address address,
            boolean known,
            long top,
            long acked,
            long settled,
            long unread,
            List<EdgeRef> edges,
            @Nullable Oldest oldest) {}

    /// @param sent when its record was written
    record Oldest(long offset, String eventId, Instant sent, Instant expiry) {}

    /// Addresses of a shard, in no order, page by page. One may be seen twice while the shard
    /// grows.
    ///
    /// @param cursor [Page#START], then what the page before says
    CompletionStage<Page> addresses(LaneId lane, String cursor);

    record Page(List<AddressView> addresses, String cursor) {
        public static final String START = "0";

        public boolean isLast() {
            return cursor.equals(START);
        }
    }
}
