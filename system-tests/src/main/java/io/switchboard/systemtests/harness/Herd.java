package io.switchboard.systemtests.harness;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.switchboard.systemtests.SdkModel;
import io.switchboard.systemtests.SdkModel.Reaction;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Many browsers at little cost: each an [SdkModel] over a Netty channel, all of them on one event
/// loop. They come back as the SDK does, to the next edge node of their list, until the herd is
/// closed.
///
/// Thread-safe.
public final class Herd implements AutoCloseable {
    private static final int ACK_MILLIS = 50;
    private static final int RETRY_MILLIS = 250;
    private static final int MAX_FRAME = 1024 * 1024;

    /// So many may be on their way in at once: it is not the arrival that is tested.
    private static final int ARRIVING = 100;

    private static final Duration POLL = Duration.ofMillis(20);
    private static final SslContext TLS = trusting();

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) group.next();
    private final List<URI> edges;
    private final List<Member> members;
    private final AtomicInteger online = new AtomicInteger();
    private volatile boolean closed;

    /// @param edges the first is where everybody begins
    /// @param page of the one who is called so
    Herd(List<URI> edges, int count, Function<String, SdkModel> page) {
        this.edges = List.copyOf(edges);
        this.members =
                IntStream.range(0, count)
                        .mapToObj(i -> new Member("h" + i, page.apply("h" + i)))
                        .toList();
    }

    /// Whose certificate it is, is not what is tested with a herd.
    private static SslContext trusting() {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    public List<Member> members() {
        return members;
    }

    /// Lets them in, some at a time.
    public Herd connect(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (int i = 0; i < members.size(); i++) {
            int arrived = i - ARRIVING;
            await("member %d online".formatted(arrived), () -> online.get() > arrived, deadline);
            loop.execute(members.get(i)::connect);
        }
        await("everybody online", () -> online.get() == members.size(), deadline);
        return this;
    }

    /// Waits until everybody is online at that edge node.
    public void awaitAllAt(int edge, Duration atMost) {
        await(
                "everybody at edge node " + edge,
                () -> members.stream().allMatch(it -> it.onlineAt == edge),
                System.nanoTime() + atMost.toNanos());
    }

    /// Waits until everybody has received so many.
    public void awaitReceived(int[] counts, Duration atMost) {
        await(
                "what was sent received",
                () ->
                        IntStream.range(0, counts.length)
                                .allMatch(i -> members.get(i).received.get() >= counts[i]),
                System.nanoTime() + atMost.toNanos());
    }

    private void await(String what, java.util.function.BooleanSupplier holds, long deadline) {
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "%s was expected; %d of %d are online"
                                .formatted(what, online.get(), members.size()));
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    @Override
    public void close() {
        closed = true;
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /// One browser. *Confined to the event loop, but for what is volatile.*
    public final class Member {
        private final String name;
        private final SdkModel page;
        private int turn;
        private @Nullable Channel channel;
        private boolean ackDue;
        private volatile int onlineAt = -1;
        private volatile long onlineSinceNanos;
        private final AtomicInteger received = new AtomicInteger();

        private Member(String name, SdkModel page) {
            this.name = name;
            this.page = page;
        }

        public String name() {
            return name;
        }

        public long onlineSinceNanos() {
            return onlineSinceNanos;
        }

        private void connect() {
            if (closed) {
                return;
            }
            int edge = turn % edges.size();
            var url = edges.get(edge);
            new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .handler(
                            new ChannelInitializer<>() {
                                @Override
                                protected void initChannel(Channel made) {
                                    if (url.getScheme().equals("wss")) {
                                        made.pipeline().addLast(TLS.newHandler(made.alloc()));
                                    }
                                    made.pipeline()
                                            .addLast(new HttpClientCodec())
                                            .addLast(new HttpObjectAggregator(MAX_FRAME))
                                            .addLast(webSocket(url))
                                            .addLast(new Frames(edge));
                                }
                            })
                    .connect(url.getHost(), url.getPort())
                    .addListener(
                            (ChannelFutureListener)
                                    done -> {
                                        if (!done.isSuccess()) {
                                            comeBackIn(RETRY_MILLIS);
                                        }
                                    });
        }

        private static WebSocketClientProtocolHandler webSocket(URI url) {
            return new WebSocketClientProtocolHandler(
                    WebSocketClientProtocolConfig.newBuilder()
                            .webSocketUri(url)
                            .version(WebSocketVersion.V13)
                            .subprotocol(WireSocket.SUBPROTOCOL)
                            .customHeaders(EmptyHttpHeaders.INSTANCE)
                            .maxFramePayloadLength(MAX_FRAME)
                            .handleCloseFrames(false)
                            .build());
        }

        private void comeBackIn(long millis) {
            turn++;
            loop.schedule(this::connect, millis, TimeUnit.MILLISECONDS);
        }

        private void leave(int closeCode) {
            if (onlineAt >= 0) {
                online.decrementAndGet();
            }
            onlineAt = -1;
            channel = null;
            page.onClosed(closeCode);
        }

        private void acknowledge() {
            ackDue = false;
            var ack = page.takeAck();
            if (ack != null && channel != null) {
                channel.writeAndFlush(new TextWebSocketFrame(Unpooled.wrappedBuffer(ack)));
            }
        }

        private final class Frames extends SimpleChannelInboundHandler<WebSocketFrame> {
            private final int edge;
            private int closeCode = 1006;

            Frames(int edge) {
                this.edge = edge;
            }

            @Override
            protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
                switch (frame) {
                    case TextWebSocketFrame text ->
                            react(context, page.onFrame(ByteBufUtil.getBytes(text.content())));
                    case CloseWebSocketFrame close -> {
                        closeCode = close.statusCode();
                        context.close();
                    }
                    default -> {}
                }
            }

            private void react(ChannelHandlerContext context, Reaction reaction) {
                switch (reaction) {
                    case Reaction.Send(var frame) ->
                            context.writeAndFlush(
                                    new TextWebSocketFrame(Unpooled.wrappedBuffer(frame)));
                    case Reaction.Online _ -> {
                        channel = context.channel();
                        onlineSinceNanos = System.nanoTime();
                        onlineAt = edge;
                        online.incrementAndGet();
                    }
                    case Reaction.Handled _ -> {
                        received.incrementAndGet();
                        if (!ackDue) {
                            ackDue = true;
                            loop.schedule(
                                    Member.this::acknowledge, ACK_MILLIS, TimeUnit.MILLISECONDS);
                        }
                    }
                    case Reaction.GoAway(var millis) -> {
                        acknowledge();
                        context.pipeline().remove(this); // what comes now is for nobody
                        context.close();
                        leave(1000);
                        comeBackIn(millis);
                    }
                    case Reaction.Nothing _, Reaction.Lost _, Reaction.Refused _ -> {}
                }
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                leave(closeCode);
                comeBackIn(RETRY_MILLIS);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                context.close();
            }
        }
    }

    /// How long after a moment each came online last, in milliseconds, the quickest first.
    public long[] onlineAfterMillis(long sinceNanos) {
        var millis = new ArrayList<Long>();
        members.forEach(it -> millis.add((it.onlineSinceNanos - sinceNanos) / 1_000_000));
        return millis.stream().mapToLong(Objects::requireNonNull).sorted().toArray();
    }
}
