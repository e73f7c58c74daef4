package io.switchboard.bench.alone;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.AppendAnswer;
import io.switchboard.inbox.Feed;
import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What an edge node asks, answered at once: nothing is there. Remembers nothing, so that whatever
/// grows beside it is the edge's.
///
/// Thread-safe.
public final class EmptyInbox implements Inbox {
    private static final long NOTHING = -1;
    private static final Feed.Standing STANDING =
            new Feed.Standing(NOTHING, NOTHING, NOTHING, 0, NOTHING, "only", true);

    @Override
    public CompletionStage<Feed> attach(Attach request) {
        return feed(request.after());
    }

    @Override
    public CompletionStage<Feed> read(LaneId lane, Address address, long after, int limit) {
        return feed(after);
    }

    private static CompletionStage<Feed> feed(@Nullable Long after) {
        return CompletableFuture.completedFuture(
                new Feed(
                        true,
                        after == null ? NOTHING : after,
                        List.of(),
                        List.of(),
                        false,
                        0,
                        STANDING));
    }

    @Override
    public CompletionStage<Void> detach(
            LaneId lane, Address address, EdgeRef edge, long registration) {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<List<Feed.Standing>> positions(LaneId lane, List<Check> checks) {
        return standings(checks);
    }

    @Override
    public CompletionStage<List<Feed.Standing>> ack(LaneId lane, List<Ack> acks) {
        return standings(acks);
    }

    private static CompletionStage<List<Feed.Standing>> standings(List<?> asked) {
        return CompletableFuture.completedFuture(asked.stream().map(_ -> STANDING).toList());
    }

    @Override
    public CompletionStage<Void> forget(LaneId lane, Address address, List<EdgeRef> edges) {
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void close() {}

    // --- the lane's side

    @Override
    public CompletionStage<AppendAnswer> append(Append batch) {
        throw notAnEdges();
    }

    @Override
    public CompletionStage<LaneState> lane(LaneId lane) {
        throw notAnEdges();
    }

    @Override
    public CompletionStage<Void> restore(Restore part) {
        throw notAnEdges();
    }

    @Override
    public CompletionStage<SettleAnswer> settle(Settle part) {
        throw notAnEdges();
    }

    @Override
    public CompletionStage<Void> advance(LaneId lane, long to) {
        throw notAnEdges();
    }

    @Override
    public CompletionStage<Swept> sweep(LaneId lane) {
        throw notAnEdges();
    }

    private static UnsupportedOperationException notAnEdges() {
        return new UnsupportedOperationException("no edge node asks this");
    }
}
