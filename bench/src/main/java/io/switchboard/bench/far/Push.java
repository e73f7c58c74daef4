package io.switchboard.bench.far;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;

/// From topics to WebSockets: a record goes to whoever its key names, `…/<index>`, or to everybody
/// if it names a role. One task for an event loop and poll, one flush for a channel: as fast as
/// this can be done without caring for what gets lost.
///
/// Owned by its thread once started; the channels belong to their event loops.
final class Push {
    private static final int REQUEST_BYTES = 8 * 1024;
    private static final int MAX_SHORT = 125;
    private static final int ROLE = 'r';

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Channel> channels = new ConcurrentHashMap<>();
    private final Channel listening;

    Push(String kafka, List<String> topics) {
        consumer = Stream.open(kafka, topics);
        boolean epoll = Epoll.isAvailable();
        var loops =
                new MultiThreadIoEventLoopGroup(
                        Runtime.getRuntime().availableProcessors(),
                        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        listening =
                new ServerBootstrap()
                        .group(loops)
                        .channel(
                                epoll
                                        ? EpollServerSocketChannel.class
                                        : NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, 4_096)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        new HttpServerCodec(),
                                                        new HttpObjectAggregator(REQUEST_BYTES),
                                                        new Reception());
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .syncUninterruptibly()
                        .channel();
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    void start() {
        Thread.ofPlatform().name("push").daemon().start(this::run);
    }

    private final class Reception extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (!(message instanceof FullHttpRequest request)) {
                ReferenceCountUtil.release(message);
                return;
            }
            var index = request.uri().substring(1);
            var channel = context.channel();
            Objects.requireNonNull(
                            new WebSocketServerHandshakerFactory("/", null, false)
                                    .newHandshaker(request))
                    .handshake(channel, request)
                    .addListener(
                            _ -> {
                                // Raw bytes from here on: what is written is a frame already.
                                channel.pipeline().remove("wsencoder");
                                channel.pipeline().remove("wsdecoder");
                                channels.put(index, channel);
                            });
            request.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            channels.values().remove(context.channel());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private record Write(Channel channel, ByteBuf frame) {}

    private void run() {
        while (true) {
            var byLoop = new HashMap<EventLoop, List<Write>>();
            for (var each : consumer.poll(Stream.POLL)) {
                var frame = frame(each.value());
                if (each.key()[0] == ROLE) {
                    channels.values().forEach(to -> add(to, frame.retainedDuplicate(), byLoop));
                    frame.release();
                } else {
                    add(channelOf(each.key()), frame, byLoop);
                }
            }
            byLoop.forEach((loop, writes) -> loop.execute(() -> write(writes)));
        }
    }

    private @Nullable Channel channelOf(byte[] key) {
        int slash = key.length;
        while (key[slash - 1] != '/') {
            slash--;
        }
        return channels.get(new String(key, slash, key.length - slash, US_ASCII));
    }

    private static void add(
            @Nullable Channel to, ByteBuf frame, Map<EventLoop, List<Write>> byLoop) {
        if (to == null) {
            frame.release();
        } else {
            byLoop.computeIfAbsent(to.eventLoop(), _ -> new ArrayList<>())
                    .add(new Write(to, frame));
        }
    }

    private static void write(List<Write> writes) {
        for (var each : writes) {
            each.channel.write(each.frame, each.channel.voidPromise());
        }
        for (var each : writes) {
            each.channel.flush();
        }
    }

    private static ByteBuf frame(byte[] payload) {
        var frame = ByteBufAllocator.DEFAULT.ioBuffer(4 + payload.length).writeByte(0x81);
        if (payload.length <= MAX_SHORT) {
            frame.writeByte(payload.length);
        } else {
            frame.writeByte(MAX_SHORT + 1).writeShort(payload.length);
        }
        return frame.writeBytes(payload);
    }
}
