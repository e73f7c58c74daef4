package io.switchboard.inbox;

import io.switchboard.schemas.EdgeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// The [Leases] in Redis, all under one hash tag: who lives is asked in one call, each second, by
/// every dispatcher.
///
/// Thread-safe.
final class RedisLeases implements Leases {
    private static final String KEY = RedisLibrary.KEYS + ":{leases}:";

    private final RedisConnection redis;
    private final Supplier<String> clock;

    RedisLeases(RedisConnection redis, Supplier<String> clock) {
        this.redis = redis;
        this.clock = clock;
    }

    @Override
    public CompletionStage<Long> nextIncarnation(String edgeId) {
        return redis.call("next_incarnation", arguments().text(edgeId))
                .thenApply(RedisReply::number);
    }

    @Override
    public CompletionStage<Boolean> take(EdgeRef edge, EdgeNotice notice, Duration ttl) {
        return redis.call("take_lease", of(edge).number(ttl.toMillis()).text(notice.encode()))
                .thenApply(RedisReply::flag);
    }

    @Override
    public CompletionStage<Boolean> refresh(EdgeRef edge, EdgeNotice notice, Duration ttl) {
        return redis.call("refresh_lease", of(edge).number(ttl.toMillis()).text(notice.encode()))
                .thenApply(RedisReply::flag);
    }

    @Override
    public CompletionStage<Void> release(EdgeRef edge) {
        return redis.call("release_lease", of(edge)).thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<List<Lease>> all() {
        return redis.call("all_leases", arguments()).thenApply(RedisLeases::leases);
    }

    private static List<Lease> leases(RedisReply reply) {
        var leases = new ArrayList<Lease>();
        while (reply.hasMore()) {
            var id = reply.text();
            var edge = new EdgeRef(id, reply.number());
            leases.add(new Lease(edge, EdgeNotice.decode(reply.text())));
        }
        return leases;
    }

    @Override
    public CompletionStage<Integer> laneCount(String tag, int partitions) {
        return redis.call("lane_count", arguments().text(tag).number(partitions))
                .thenApply(reply -> Math.toIntExact(reply.number()));
    }

    @Override
    public CompletionStage<Boolean> janitor(String who, Duration ttl) {
        return redis.call("janitor", arguments().text(who).number(ttl.toMillis()))
                .thenApply(RedisReply::flag);
    }

    private RedisArguments arguments() {
        return new RedisArguments(KEY).text(clock.get());
    }

    private RedisArguments of(EdgeRef edge) {
        return arguments().text(edge.id()).number(edge.incarnation());
    }
}
