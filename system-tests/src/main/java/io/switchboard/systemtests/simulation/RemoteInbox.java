package io.switchboard.systemtests.simulation;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.AppendAnswer;
import io.switchboard.inbox.Feed;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.InboxAway;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// What one process sees of the inbox: each call takes time, two calls may overtake each other,
/// a request or its answer may be lost, a request may arrive twice or very late.
final class RemoteInbox implements Inbox {
    private static final long TIMEOUT_MILLIS = 3_000;

    private final Inbox inbox;
    private final SimProcess process;
    private final Weather weather;

    RemoteInbox(Inbox inbox, SimProcess process, Weather weather) {
        this.inbox = inbox;
        this.process = process;
        this.weather = weather;
    }

    private <T> CompletionStage<T> call(Supplier<CompletionStage<T>> onRedis) {
        var answer = new CompletableFuture<T>();
        var answered = new AtomicBoolean();
        process.later(
                TIMEOUT_MILLIS,
                () -> {
                    if (answered.compareAndSet(false, true)) {
                        answer.completeExceptionally(
                                new InboxAway("no answer", new IllegalStateException("simulated")));
                    }
                });
        if (process.redisCut || weather.losesRequest()) {
            return answer;
        }
        process.world.in(
                weather.latency(),
                () ->
                        onRedis.get()
                                .whenComplete(
                                        (value, error) -> {
                                            if (process.redisCut || weather.losesAnswer()) {
                                                return;
                                            }
                                            process.later(
                                                    weather.latency(),
                                                    () -> {
                                                        if (!answered.compareAndSet(false, true)) {
                                                            return;
                                                        }
                                                        if (error == null) {
                                                            answer.complete(value);
                                                        } else {
                                                            answer.completeExceptionally(error);
                                                        }
                                                    });
                                        }));
        if (weather.doublesRequest()) {
            process.world.in(
                    weather.latency() * 3,
                    () -> {
                        var _ = onRedis.get();
                    });
        }
        return answer;
    }

    @Override
    public CompletionStage<AppendAnswer> append(Append batch) {
        return call(() -> inbox.append(batch));
    }

    @Override
    public CompletionStage<LaneState> lane(LaneId lane) {
        return call(() -> inbox.lane(lane));
    }

    @Override
    public CompletionStage<Void> restore(Restore part) {
        return call(() -> inbox.restore(part));
    }

    @Override
    public CompletionStage<SettleAnswer> settle(Settle part) {
        return call(() -> inbox.settle(part));
    }

    @Override
    public CompletionStage<Void> advance(LaneId lane, long to) {
        return call(() -> inbox.advance(lane, to));
    }

    @Override
    public CompletionStage<Swept> sweep(LaneId lane) {
        return call(() -> inbox.sweep(lane));
    }

    @Override
    public CompletionStage<Feed> attach(Attach request) {
        return call(() -> inbox.attach(request));
    }

    @Override
    public CompletionStage<Void> detach(
            LaneId lane, Address address, EdgeRef edge, long registration) {
        return call(() -> inbox.detach(lane, address, edge, registration));
    }

    @Override
    public CompletionStage<Feed> read(LaneId lane, Address address, long after, int limit) {
        return call(() -> inbox.read(lane, address, after, limit));
    }

    @Override
    public CompletionStage<List<Feed.Standing>> positions(LaneId lane, List<Check> checks) {
        return call(() -> inbox.positions(lane, checks));
    }

    @Override
    public CompletionStage<List<Feed.Standing>> ack(LaneId lane, List<Ack> acks) {
        return call(() -> inbox.ack(lane, acks));
    }

    @Override
    public CompletionStage<Void> forget(LaneId lane, Address address, List<EdgeRef> edges) {
        return call(() -> inbox.forget(lane, address, edges));
    }

    @Override
    public void close() {}
}
