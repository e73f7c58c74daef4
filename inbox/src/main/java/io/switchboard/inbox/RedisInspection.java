package io.switchboard.inbox;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.LaneId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// The [InboxInspection] in Redis.
///
/// Thread-safe.
final class RedisInspection implements InboxInspection {
    /// So that one look at a shard stays within a few milliseconds.
    private static final int ADDRESSES_AT_ONCE = 100;

    private final RedisConnection redis;
    private final Function<LaneId, RedisArguments> shard;

    RedisInspection(RedisConnection redis, Function<LaneId, RedisArguments> shard) {
        this.redis = redis;
        this.shard = shard;
    }

    @Override
    public CompletionStage<LaneView> lane(LaneId lane) {
        return redis.call("inspect_lane", shard.apply(lane))
                .thenApply(
                        reply ->
                                new LaneView(
                                        reply.numberOrNull(),
                                        reply.text(),
                                        reply.number(),
                                        reply.number(),
                                        reply.number(),
                                        reply.number(),
                                        reply.number(),
                                        reply.number(),
                                        time(reply)));
    }

    @Override
    public CompletionStage<AddressView> address(LaneId lane, Address address) {
        return redis.call("inspect_address", shard.apply(lane).text(address))
                .thenApply(RedisInspection::view);
    }

    @Override
    public CompletionStage<Page> addresses(LaneId lane, String cursor) {
        var arguments = shard.apply(lane).text(cursor).number(ADDRESSES_AT_ONCE);
        return redis.call("inspect_addresses", arguments)
                .thenApply(
                        reply -> {
                            var next = reply.text();
                            var views = new ArrayList<AddressView>();
                            for (var list = reply.list(); list.hasMore(); ) {
                                var view = view(list.list());
                                if (!Canary.owns(view.address())) {
                                    views.add(view);
                                }
                            }
                            return new Page(List.copyOf(views), next);
                        });
    }

    private static AddressView view(RedisReply reply) {
        boolean known = reply.flag();
        var address = Address.parse(reply.text());
        long top = reply.number();
        long acked = reply.number();
        long settled = reply.number();
        long unread = reply.number();
        var edges = reply.edges();
        var oldest = new Oldest(reply.number(), reply.text(), time(reply), time(reply));
        return new AddressView(
                address,
                known,
                top,
                acked,
                settled,
                unread,
                edges,
                oldest.offset() < 0 ? null : oldest);
    }

    private static Instant time(RedisReply reply) {
        return Instant.ofEpochMilli(Long.parseLong(reply.text()));
    }
}
