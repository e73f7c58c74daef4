package io.switchboard.edge.socket;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.switchboard.schemas.ClientFrame;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// What [EdgeServer] is to sockets, on Netty's in-process channels: the same reception, the same
/// peers, outboxes and rounds.
///
/// Thread-safe.
public final class InProcessServer implements AutoCloseable {
    private static final int MAX_URI = 10 * 1024;
    private static final int MAX_HEADERS = 10 * 1024;
    private static final int CHUNK = 8 * 1024;

    private final Front front;
    private final StaticFiles files = StaticFiles.load();
    private final Budget budget;
    private final EventStreams streams;
    private final EventLoopGroup loops;
    private final Map<EventLoop, Loop> byLoop = new HashMap<>();

    public InProcessServer(Front front, LocalAddress address) {
        this.front = front;
        this.budget = new Budget(front.settings(), front.meters(), front.clock().millis());
        this.streams = new EventStreams(front, budget);
        int count = front.settings().loops();
        this.loops = new MultiThreadIoEventLoopGroup(count, LocalIoHandler.newFactory());
        for (var each : loops) {
            var outbox =
                    new Outbox(
                            (EventLoop) each,
                            front.meters(),
                            front.clock(),
                            new WrittenEvents(WrittenEvents.REMEMBERED / count));
            var loop = new Loop(outbox, new Rounds(front.clock()));
            byLoop.put((EventLoop) each, loop);
            loop.rounds().start((EventLoop) each);
        }
        new ServerBootstrap()
                .group(loops)
                .channel(LocalServerChannel.class)
                .childHandler(new Accepted())
                .bind(address)
                .syncUninterruptibly();
    }

    /// *For the delivery thread.*
    public void endTurn() {
        for (var each : byLoop.values()) {
            each.outbox().endTurn();
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully();
    }

    private final class Accepted extends ChannelInitializer<Channel> {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel channel) {
            var from = InetAddress.getLoopbackAddress();
            boolean admitted = budget.tryConnect(from);
            if (admitted) {
                channel.closeFuture().addListener(_ -> budget.onDisconnected(from));
            }
            var loop = Objects.requireNonNull(byLoop.get(channel.eventLoop()));
            channel.pipeline()
                    .addLast(new HttpServerCodec(MAX_URI, MAX_HEADERS, CHUNK))
                    .addLast(new HttpObjectAggregator(ClientFrame.MAX_BYTES, true))
                    .addLast(new Reception(front, loop, budget, files, streams, admitted));
        }
    }
}
