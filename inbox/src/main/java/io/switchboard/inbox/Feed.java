package io.switchboard.inbox;

import java.util.List;

/// What an address's inbox holds after a position, and where the address stands.
///
/// @param ready false: the shard has no fence yet (rebuild under way); registered, nothing read
/// @param from the position that was read after: the caller's, or where the reader starts
/// @param entries live entries after `from`, oldest first, bounded
/// @param gone what expired or was dropped after `from`: points in the log with counts, oldest
///     first; when `more`, only those before the last entry
/// @param more entries were left out for the bound: read again after the last one
/// @param unread open entries: neither acknowledged nor gone (those that expired within the last
///     second and lie outside this answer may still be counted)
public record Feed(
        boolean ready,
        long from,
        List<Entry> entries,
        List<Gone> gone,
        boolean more,
        long unread,
        Standing standing) {
    /// Frames in one answer, unless a single one is larger.
    public static final int MAX_BYTES = 256 * 1024;

    /// @param prev offset of the entry before it for the same address
    /// @param expiry ms since the epoch
    public record Entry(long offset, long prev, String eventId, long expiry, byte[] frame) {}

    /// `expired` and `overflow` entries ended at or before `through`, and after `from` and the
    /// entry before it.
    public record Gone(long through, int expired, int overflow) {
        /// False when some ended, but how many of them the asking reader had is not known any more.
        public boolean isCounted() {
            return expired + overflow > 0;
        }
    }

    /// Where an address stands. All are offsets in its lane; -1: before the first.
    ///
    /// @param top its last entry; after a rebuild that stored none of it, `settled`
    /// @param acked acknowledged through here
    /// @param settled nothing open through here (≥ acked)
    /// @param base positions below cannot be vouched for
    /// @param fence of the lane; -1 when there is none
    /// @param generation of the shard; empty when there is no fence
    /// @param registered whether the asking edge's registration (this one or a later of the same
    ///     incarnation) is there; false when nobody asked
    public record Standing(
            long top,
            long acked,
            long settled,
            long base,
            long fence,
            String generation,
            boolean registered) {}
}
