package io.switchboard.operator;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the sources know about one event: the events topic, receipts, dead letters, edge topics,
/// the inbox.
///
/// Immutable.
///
/// @param id as it was asked for
/// @param searched where and how far was looked, for the sentence about an unknown id
/// @param seen the event's records, in the order of the log
/// @param inboxes where each address of the event stands
record Findings(
        String id,
        Instant now,
        String searched,
        List<Seen> seen,
        List<Receipt> receipts,
        List<Letter> letters,
        List<Hinted> hints,
        List<AtEdge> written,
        List<Standing> inboxes) {

    record Seen(Sighting record, Sighting.Event event) {
        Position at() {
            return record.at();
        }
    }

    /// A hint in an edge's own topic.
    record Hinted(EdgeRef edge, Position position, Instant at) {}

    /// What an edge wrote to sockets.
    record AtEdge(EdgeRef edge, EdgeAdmin.Written written) {}

    /// An address's inbox, looked at from the event.
    ///
    /// @param fence of the lane; null while it is rebuilt
    /// @param held the position of the event that is still in it; null when none is
    /// @param edges where the address is online
    /// @param presence what is known of the agent's comings and goings
    record Standing(
            Address address,
            LaneId lane,
            @Nullable Long fence,
            long acked,
            long settled,
            @Nullable Position held,
            @Nullable Instant expiry,
            List<EdgeRef> edges,
            @Nullable Presence presence) {}

    /// @param since when the agent came or left
    record Presence(boolean online, Instant since) {}
}
