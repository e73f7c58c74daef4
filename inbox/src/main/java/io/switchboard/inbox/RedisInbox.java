package io.switchboard.inbox;

import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/// The [Inbox] in Redis: each call is one function, which runs whole within the lane's shard. The
/// rules are in the library's Lua pages; here is only who is asked what.
///
/// Thread-safe.
public final class RedisInbox implements Inbox {
    /// For a server that starts beside us.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int RESTORED_AT_ONCE = 500;
    private static final int SETTLED_AT_ONCE = 500;
    private static final int CHECKED_AT_ONCE = 500;

    /// An ack may end many entries.
    private static final int ACKED_AT_ONCE = 100;

    private final RedisConnection redis;
    private final Supplier<String> clock;

    RedisInbox(RedisConnection redis, Supplier<String> clock) {
        this.redis = redis;
        this.clock = clock;
    }

    /// Blocks, for ten seconds at most.
    ///
    /// @param urls one server, or some nodes of a cluster: `redis[s]://[user:password@]host:port`
    /// @throws IllegalArgumentException when a URL is none
    /// @throws InboxAway when no server answers
    public static RedisInbox connect(List<String> urls) {
        return new RedisInbox(
                RedisConnection.connect(RedisUrls.of(urls), RedisLibrary.load(), PATIENCE),
                RedisInbox::redisTime);
    }

    /// Nothing said: Redis goes by its own clock. Only tests say another.
    private static String redisTime() {
        return "";
    }

    /// On the same connections, and open as long as this.
    public Leases leases() {
        return new RedisLeases(redis, clock);
    }

    /// On the same connections, and open as long as this.
    public InboxInspection inspection() {
        return new RedisInspection(redis, this::shard);
    }

    /// Blocks; for `doctor` and the start of a process.
    public RedisFacts facts() {
        return RedisFacts.ask(redis);
    }

    @Override
    public CompletionStage<AppendAnswer> append(Append batch) {
        var arguments = shard(batch.lane());
        var generation = batch.init() == null ? "" : UUID.randomUUID().toString();
        AppendCodec.pack(batch, generation, arguments);
        return redis.call("append", arguments).thenApply(reply -> AppendCodec.read(batch, reply));
    }

    @Override
    public CompletionStage<LaneState> lane(LaneId lane) {
        return redis.call("lane", shard(lane))
                .thenApply(
                        reply -> new LaneState(reply.numberOrNull(), reply.text(), reply.number()));
    }

    @Override
    public CompletionStage<Void> restore(Restore whole) {
        return Parts.inTurn(inParts(whole), this::restoreAtOnce).thenAccept(_ -> {});
    }

    private CompletionStage<List<Boolean>> restoreAtOnce(Restore part) {
        var arguments =
                shard(part.lane())
                        .text(part.after())
                        .text(part.token())
                        .number(part.acksOffset())
                        .number(part.positions().size())
                        .number(part.origins().size())
                        .number(part.ids().size());
        part.positions().forEach(each -> pack(each, arguments));
        part.origins().forEach(each -> arguments.text(AppendCodec.pack(each)));
        part.ids()
                .forEach(
                        each ->
                                arguments
                                        .text(each.letter() ? "letters" : "ids")
                                        .text(each.id())
                                        .number(each.offset())
                                        .number(each.recordTime()));
        return redis.call("restore", arguments).thenApply(_ -> List.of());
    }

    /// The acks offset comes with the last part: before, the positions that it stands for are not
    /// there.
    private static List<Restore> inParts(Restore whole) {
        var parts = new ArrayList<Restore>();
        int most =
                Math.max(
                        whole.positions().size(),
                        Math.max(whole.origins().size(), whole.ids().size()));
        var after = whole.after();
        for (int from = 0; from == 0 || from < most; from += RESTORED_AT_ONCE) {
            boolean last = from + RESTORED_AT_ONCE >= most;
            var token = last ? whole.token() : whole.token() + "+" + from;
            parts.add(
                    new Restore(
                            whole.lane(),
                            after,
                            token,
                            part(ours(whole.lane(), whole.positions()), from),
                            part(whole.origins(), from),
                            part(whole.ids(), from),
                            last ? whole.acksOffset() : 0));
            after = token;
        }
        return parts;
    }

    private static <T> List<T> part(List<T> whole, int from) {
        int size = whole.size();
        return whole.subList(Math.min(from, size), Math.min(from + RESTORED_AT_ONCE, size));
    }

    @Override
    public CompletionStage<SettleAnswer> settle(Settle whole) {
        var lane = whole.lane();
        var parts = Parts.of(ours(lane, whole.positions()), SETTLED_AT_ONCE);
        var last = new Settle(lane, parts.getLast(), whole.drained(), whole.from(), whole.to());
        return Parts.inTurn(parts.subList(0, parts.size() - 1), part -> positionsOnly(lane, part))
                .thenCompose(
                        before -> settleAtOnce(last).thenApply(answer -> joined(before, answer)));
    }

    private CompletionStage<List<AckedPosition>> positionsOnly(
            LaneId lane, List<AckedPosition> positions) {
        return settleAtOnce(new Settle(lane, positions, List.of(), 0, 0))
                .thenApply(
                        answer ->
                                answer instanceof SettleAnswer.Settled(var held)
                                        ? held
                                        : List.of());
    }

    private CompletionStage<SettleAnswer> settleAtOnce(Settle part) {
        var positions = part.positions();
        var arguments =
                shard(part.lane()).number(part.from()).number(part.to()).number(positions.size());
        positions.forEach(each -> pack(each, arguments));
        part.drained().forEach(arguments::text);
        return redis.call("settle", arguments).thenApply(reply -> settled(positions, reply));
    }

    private static SettleAnswer settled(List<AckedPosition> positions, RedisReply reply) {
        return switch (reply.text()) {
            case "acks" -> new SettleAnswer.AcksBehind(reply.number());
            default ->
                    new SettleAnswer.Settled(
                            positions.stream().map(each -> held(each, reply)).toList());
        };
    }

    private static SettleAnswer joined(List<AckedPosition> before, SettleAnswer last) {
        return last instanceof SettleAnswer.Settled(var held)
                ? new SettleAnswer.Settled(Parts.joined(before, held))
                : last;
    }

    private static AckedPosition held(AckedPosition asked, RedisReply reply) {
        return new AckedPosition(
                asked.address(),
                asked.agent(),
                asked.tag(),
                reply.number(),
                reply.number(),
                reply.number());
    }

    private static List<AckedPosition> ours(LaneId lane, List<AckedPosition> positions) {
        return positions.stream().filter(each -> each.tag().equals(lane.tag())).toList();
    }

    private static void pack(AckedPosition position, RedisArguments into) {
        into.text(position.address())
                .text(position.agent())
                .number(position.acked())
                .number(position.settled())
                .number(position.gone());
    }

    @Override
    public CompletionStage<Void> advance(LaneId lane, long to) {
        return redis.call("advance", shard(lane).number(to)).thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Swept> sweep(LaneId lane) {
        return redis.call("sweep", shard(lane)).thenApply(RedisInbox::swept);
    }

    private static Swept swept(RedisReply reply) {
        var due = new ArrayList<Long>();
        for (var offsets = reply.list(); offsets.hasMore(); ) {
            due.add(Long.parseLong(offsets.text()));
        }
        return new Swept(due, (int) reply.number(), reply.flag());
    }

    @Override
    public CompletionStage<Feed> attach(Attach request) {
        var edge = request.edge();
        var arguments =
                shard(request.lane())
                        .text(request.address())
                        .text(request.agent())
                        .text(edge.id())
                        .number(edge.incarnation())
                        .number(request.registration())
                        .text(request.after())
                        .number(request.limit())
                        .number(Feed.MAX_BYTES);
        return redis.call("attach", arguments).thenApply(FeedCodec::feed);
    }

    @Override
    public CompletionStage<Void> detach(
            LaneId lane, Address address, EdgeRef edge, long registration) {
        var arguments =
                shard(lane)
                        .text(address)
                        .text(edge.id())
                        .number(edge.incarnation())
                        .number(registration);
        return redis.call("detach", arguments).thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Feed> read(LaneId lane, Address address, long after, int limit) {
        var arguments =
                shard(lane).text(address).number(after).number(limit).number(Feed.MAX_BYTES);
        return redis.call("read", arguments).thenApply(FeedCodec::feed);
    }

    @Override
    public CompletionStage<List<Feed.Standing>> positions(LaneId lane, List<Check> checks) {
        return Parts.inTurn(Parts.of(checks, CHECKED_AT_ONCE), part -> positionsAtOnce(lane, part));
    }

    private CompletionStage<List<Feed.Standing>> positionsAtOnce(LaneId lane, List<Check> checks) {
        var arguments = shard(lane);
        for (var each : checks) {
            arguments
                    .text(each.address())
                    .text(each.edge().id())
                    .number(each.edge().incarnation())
                    .number(each.registration());
        }
        return redis.call("positions", arguments).thenApply(FeedCodec::standings);
    }

    @Override
    public CompletionStage<List<Feed.Standing>> ack(LaneId lane, List<Ack> acks) {
        return Parts.inTurn(Parts.of(acks, ACKED_AT_ONCE), part -> ackAtOnce(lane, part));
    }

    private CompletionStage<List<Feed.Standing>> ackAtOnce(LaneId lane, List<Ack> acks) {
        var arguments = shard(lane);
        for (var each : acks) {
            arguments.text(each.address()).text(each.agent()).number(each.offset());
        }
        return redis.call("ack", arguments).thenApply(FeedCodec::standings);
    }

    @Override
    public CompletionStage<Void> forget(LaneId lane, Address address, List<EdgeRef> edges) {
        var arguments = shard(lane).text(address);
        edges.forEach(each -> arguments.text(each.id()).number(each.incarnation()));
        return redis.call("forget", arguments).thenAccept(_ -> {});
    }

    @Override
    public void close() {
        redis.close();
    }

    private RedisArguments shard(LaneId lane) {
        var key = "%s:{%d}:%s:lane".formatted(RedisLibrary.KEYS, lane.partition(), lane.tag());
        return new RedisArguments(key).text(clock.get());
    }
}
