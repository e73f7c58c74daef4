package io.switchboard.inbox;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// The [Inbox] in plain Java: answers at once, on the caller's thread, by the given clock and
/// chance, so that a simulation owns both. Loses things on request, as a Redis does: a whole shard
/// ([#flush]), or what happened since a [#snapshot]. Sweeps everything at once, and never forgets
/// an idle address.
///
/// Thread-safe, by one lock.
public final class InMemoryInbox implements Inbox {
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Map<LaneId, Shard> shards = new HashMap<>();

    public InMemoryInbox(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /// What the shards held at some time. Immutable.
    public static final class Snapshot {
        private final Map<LaneId, Shard> shards;

        private Snapshot(Map<LaneId, Shard> shards) {
            this.shards = shards;
        }
    }

    public synchronized Snapshot snapshot() {
        var copies = new HashMap<LaneId, Shard>();
        shards.forEach((lane, shard) -> copies.put(lane, new Shard(shard)));
        return new Snapshot(copies);
    }

    /// Forgets whatever happened to the lane since then.
    public synchronized void rollBack(LaneId lane, Snapshot to) {
        var then = to.shards.get(lane);
        if (then == null) {
            shards.remove(lane);
        } else {
            shards.put(lane, new Shard(then));
        }
    }

    public synchronized void rollBack(Snapshot to) {
        shards.clear();
        to.shards.forEach((lane, shard) -> shards.put(lane, new Shard(shard)));
    }

    public synchronized void flush(LaneId lane) {
        shards.remove(lane);
    }

    public synchronized void flush() {
        shards.clear();
    }

    @Override
    public CompletionStage<AppendAnswer> append(Append batch) {
        return in(batch.lane(), shard -> shard.append(batch, clock.millis(), this::generation));
    }

    @Override
    public CompletionStage<LaneState> lane(LaneId lane) {
        return in(lane, Shard::state);
    }

    @Override
    public CompletionStage<Void> restore(Restore part) {
        return done(part.lane(), shard -> shard.restore(part, clock.millis()));
    }

    @Override
    public CompletionStage<SettleAnswer> settle(Settle part) {
        return in(part.lane(), shard -> shard.settle(part, clock.millis()));
    }

    @Override
    public CompletionStage<Void> advance(LaneId lane, long to) {
        return done(lane, shard -> shard.advance(to));
    }

    @Override
    public CompletionStage<Swept> sweep(LaneId lane) {
        return in(lane, shard -> shard.sweep(clock.millis()));
    }

    @Override
    public CompletionStage<Feed> attach(Attach request) {
        return in(request.lane(), shard -> shard.attach(request, Feed.MAX_BYTES, clock.millis()));
    }

    @Override
    public CompletionStage<Void> detach(
            LaneId lane, Address address, EdgeRef edge, long registration) {
        return done(lane, shard -> shard.detach(address, edge, registration));
    }

    @Override
    public CompletionStage<Feed> read(LaneId lane, Address address, long after, int limit) {
        return in(lane, shard -> shard.read(address, after, limit, Feed.MAX_BYTES, clock.millis()));
    }

    @Override
    public CompletionStage<List<Feed.Standing>> positions(LaneId lane, List<Check> checks) {
        return in(lane, shard -> checks.stream().map(shard::check).toList());
    }

    @Override
    public CompletionStage<List<Feed.Standing>> ack(LaneId lane, List<Ack> acks) {
        return in(
                lane, shard -> acks.stream().map(each -> shard.ack(each, clock.millis())).toList());
    }

    @Override
    public CompletionStage<Void> forget(LaneId lane, Address address, List<EdgeRef> edges) {
        return done(lane, shard -> shard.forget(address, edges));
    }

    @Override
    public void close() {}

    private synchronized <T> CompletionStage<T> in(LaneId lane, Function<Shard, T> call) {
        return CompletableFuture.completedFuture(
                call.apply(shards.computeIfAbsent(lane, Shard::new)));
    }

    private CompletionStage<Void> done(LaneId lane, Consumer<Shard> call) {
        return in(
                        lane,
                        shard -> {
                            call.accept(shard);
                            return true;
                        })
                .thenAccept(_ -> {});
    }

    private String generation() {
        return HexFormat.of().toHexDigits(random.nextLong());
    }
}
