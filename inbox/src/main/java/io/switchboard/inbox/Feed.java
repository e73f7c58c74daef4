package io.switchboard.inbox;

import java.util.List;

/// What an address's inbox holds after a position, and where the address stands.
///
/// @param ready false: the shard has no fence yet (rebuild under way); registered, nothing read
/// @param from the position that was read after: the caller's, or where the reader starts
/// @param entries live entries after `from`, oldest first, bounded
/// @param gone what expired or was dropped after `from`: points in the log with counts
/// @param more entries were left out for the bound: read again after the last one
/// @param unread entries after `acked` that are neither acknowledged nor gone
public record Feed(
        boolean ready,
        long from,
        List<Entry> entries,
        List<Gone> gone,
        boolean more,
        long unread,
        Standing standing) {

    /// @param prev offset of the entry before it for the same address
    /// @param expiry ms since the epoch
    public record Entry(long offset, long prev, String eventId, long expiry, byte[] frame) {}

    /// Bounded tombstone: `expired` and `overflow` entries ended at or before `through` (and after
    /// the entry before it).
    public record Gone(long through, int expired, int overflow) {}

    /// Where an address stands. All are offsets in its lane; -1: before the first.
    ///
    /// @param top its last entry
    /// @param acked acknowledged through here
    /// @param settled nothing open through here (≥ acked)
    /// @param base positions below cannot be vouched for
    /// @param fence of the lane; -1 when there is none
    /// @param generation of the shard; empty when there is no fence
    /// @param registered whether the asking edge's registration is there
    public record Standing(
            long top,
            long acked,
            long settled,
            long base,
            long fence,
            String generation,
            boolean registered) {}
}
