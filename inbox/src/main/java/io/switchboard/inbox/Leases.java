package io.switchboard.inbox;

import io.switchboard.schemas.EdgeRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// Which edge nodes live, and the cluster's few shared facts. Clocks decide here only who is
/// told, never what is stored.
///
/// Thread-safe; never blocks. Fails with [InboxAway].
public interface Leases {
    /// A number larger than any earlier incarnation of this edge id. Creates nothing else, so
    /// that the edge can make its topic before anybody hints to it.
    CompletionStage<Long> nextIncarnation(String edgeId);

    /// Takes the lease; false when a larger incarnation holds it.
    CompletionStage<Boolean> take(EdgeRef edge, EdgeNotice notice, Duration ttl);

    /// Prolongs it; false when it is no longer ours (expired, taken, Redis emptied).
    CompletionStage<Boolean> refresh(EdgeRef edge, EdgeNotice notice, Duration ttl);

    CompletionStage<Void> release(EdgeRef edge);

    /// All that live.
    CompletionStage<List<Lease>> all();

    record Lease(EdgeRef edge, EdgeNotice notice) {}

    /// Stores the lane count of a topic if none is stored; answers the stored one.
    CompletionStage<Integer> laneCount(String tag, int partitions);

    /// True for one caller at a time, for `ttl`: who tidies.
    CompletionStage<Boolean> janitor(String who, Duration ttl);
}
