package io.switchboard.systemtests.simulation;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.AppendAnswer;
import io.switchboard.inbox.Feed;
import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/// An inbox that does what another does; to be made wrong in one place.
class ForwardingInbox implements Inbox {
    final Inbox inbox;

    ForwardingInbox(Inbox inbox) {
        this.inbox = inbox;
    }

    @Override
    public CompletionStage<AppendAnswer> append(Append batch) {
        return inbox.append(batch);
    }

    @Override
    public CompletionStage<LaneState> lane(LaneId lane) {
        return inbox.lane(lane);
    }

    @Override
    public CompletionStage<Void> restore(Restore part) {
        return inbox.restore(part);
    }

    @Override
    public CompletionStage<SettleAnswer> settle(Settle part) {
        return inbox.settle(part);
    }

    @Override
    public CompletionStage<Void> advance(LaneId lane, long to) {
        return inbox.advance(lane, to);
    }

    @Override
    public CompletionStage<Swept> sweep(LaneId lane) {
        return inbox.sweep(lane);
    }

    @Override
    public CompletionStage<Feed> attach(Attach request) {
        return inbox.attach(request);
    }

    @Override
    public CompletionStage<Void> detach(
            LaneId lane, Address address, EdgeRef edge, long registration) {
        return inbox.detach(lane, address, edge, registration);
    }

    @Override
    public CompletionStage<Feed> read(LaneId lane, Address address, long after, int limit) {
        return inbox.read(lane, address, after, limit);
    }

    @Override
    public CompletionStage<List<Feed.Standing>> positions(LaneId lane, List<Check> checks) {
        return inbox.positions(lane, checks);
    }

    @Override
    public CompletionStage<List<Feed.Standing>> ack(LaneId lane, List<Ack> acks) {
        return inbox.ack(lane, acks);
    }

    @Override
    public CompletionStage<Void> forget(LaneId lane, Address address, List<EdgeRef> edges) {
        return inbox.forget(lane, address, edges);
    }

    @Override
    public void close() {
        inbox.close();
    }
}
