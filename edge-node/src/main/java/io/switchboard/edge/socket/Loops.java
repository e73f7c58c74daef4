package io.switchboard.edge.socket;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.switchboard.schemas.ClientFrame;
import io.switchboard.schemas.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// A server's event loops, each with its outbox and its rounds, whatever its channels are made of.
///
/// Thread-safe.
final class Loops implements AutoCloseable {
    private static final int MAX_URI = 10 * 1024;
    private static final int MAX_HEADERS = 10 * 1024;
    private static final int CHUNK = 8 * 1024;

    private final Front front;
    private final StaticFiles files;
    private final Budget budget;
    private final EventStreams streams;
    private final MultiThreadIoEventLoopGroup group;
    private final Map<EventLoop, Loop> byLoop = new HashMap<>();
    private final List<WrittenEvents> written = new ArrayList<>();

    Loops(Front front, StaticFiles files, IoHandlerFactory io) {
        this.front = front;
        this.files = files;
        this.budget = new Budget(front.settings(), front.meters(), front.clock().millis());
        this.streams = new EventStreams(front, budget);
        this.group = new MultiThreadIoEventLoopGroup(front.settings().loops(), io);
        for (var each : group) {
            var remembered = new WrittenEvents(WrittenEvents.REMEMBERED / group.executorCount());
            written.add(remembered);
            var loop =
                    new Loop(
                            new Outbox((EventLoop) each, front.meters(), front.clock(), remembered),
                            new Rounds(front.clock()));
            byLoop.put((EventLoop) each, loop);
            loop.rounds().start((EventLoop) each);
        }
    }

    EventLoopGroup group() {
        return group;
    }

    /// Of all their connections.
    Budget budget() {
        return budget;
    }

    /// Gives a channel of theirs to a [Reception].
    ///
    /// @param admitted false: it is only told that there is no place
    void receive(Channel channel, boolean admitted) {
        var loop = Objects.requireNonNull(byLoop.get(channel.eventLoop()));
        channel.pipeline()
                .addLast(new HttpServerCodec(MAX_URI, MAX_HEADERS, CHUNK))
                .addLast(new HttpObjectAggregator(ClientFrame.MAX_BYTES, true))
                .addLast(new Reception(front, loop, budget, files, streams, admitted));
    }

    /// When, and to whom, the event at this position was written here, as far as that is
    /// remembered; the earliest first.
    List<WrittenEvents.Written> written(Position position) {
        return written.stream()
                .flatMap(each -> each.of(position).stream())
                .sorted(Comparator.comparing(WrittenEvents.Written::at))
                .toList();
    }

    /// Hands over what was written in this turn.
    ///
    /// *For the delivery thread.*
    void endTurn() {
        for (var each : byLoop.values()) {
            each.outbox().endTurn();
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
