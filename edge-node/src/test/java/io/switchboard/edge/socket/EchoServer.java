package io.switchboard.edge.socket;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.runtime.Apps;
import io.switchboard.schemas.ClientFrame;
import io.switchboard.schemas.CloseCode;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// An edge's handshake, pipeline and peer, with an echo where the browser's words are understood:
/// what Autobahn talks to.
final class EchoServer implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Front front;
    private final Loop loop;
    private final Budget budget;
    private final Channel listening;

    EchoServer() {
        front =
                new Front(
                        SocketSettings.DEFAULTS,
                        new DeliveryDoor(EdgeMeters.NONE),
                        _ -> new Verdict.Refused(CloseCode.BAD_TOKEN, "nobody"),
                        () -> new Apps(Map.of(), Map.of()),
                        new Refusals(),
                        (_, _, _, then) -> then.accept(false),
                        () -> false,
                        EdgeMeters.NONE,
                        Clock.systemUTC());
        var events = (EventLoop) group.next();
        loop =
                new Loop(
                        new Outbox(events, front.meters(), front.clock(), new WrittenEvents(8)),
                        new Rounds(front.clock()));
        loop.rounds().start(events);
        budget = new Budget(front.settings(), front.meters(), front.clock().millis());
        listening =
                new ServerBootstrap()
                        .group(group)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline()
                                                .addLast(new HttpServerCodec())
                                                .addLast(
                                                        new HttpObjectAggregator(
                                                                ClientFrame.MAX_BYTES))
                                                .addLast(new Request());
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .syncUninterruptibly()
                        .channel();
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Request extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var request = (FullHttpRequest) message;
            try {
                Upgrade.accept(
                        context,
                        request,
                        "echo",
                        (_, _) -> new Echo(context.channel(), front, loop, budget));
            } finally {
                request.release();
            }
        }
    }

    private static final class Echo extends WebSocketPeer {
        Echo(Channel channel, Front front, Loop loop, Budget budget) {
            super(channel, front, loop, budget, ConnectionIds.next(), null);
        }

        @Override
        void greet() {}

        @Override
        void onText(byte[] text) {
            say(text);
        }

        @Override
        void onBinary(ByteBuf payload) {
            if (maySay()) {
                channel.writeAndFlush(binary(payload));
            }
        }

        /// A text frame but for its opcode: none of our own frames is binary.
        private ByteBuf binary(ByteBuf payload) {
            var frame = WireFrames.text(channel.alloc(), ByteBufUtil.getBytes(payload));
            return frame.setByte(0, 0x82);
        }

        @Override
        boolean sendBeat() {
            return false;
        }
    }
}
