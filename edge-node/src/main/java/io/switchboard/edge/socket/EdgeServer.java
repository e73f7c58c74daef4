package io.switchboard.edge.socket;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.TlsFiles;
import io.switchboard.schemas.Position;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Listens, and gives each new channel to a [Reception]. epoll where there is one, NIO elsewhere.
///
/// Thread-safe.
public final class EdgeServer implements AutoCloseable {
    /// What was written and not acknowledged by TCP for so long has nobody at the other end.
    private static final int USER_TIMEOUT_MILLIS = 60_000;

    private static final int BACKLOG = 4_096;
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark((int) Budget.LOW_BYTES, (int) Budget.HIGH_BYTES);

    private final Front front;
    private final @Nullable TlsFiles tls;
    private final Loops loops;
    private final Budget budget;
    private Channel listening;

    /// @param tls null: without
    public EdgeServer(
            Front front, StaticFiles files, String host, int port, @Nullable TlsFiles tls) {
        this.front = front;
        this.tls = tls;
        this.loops = new Loops(front, files, io());
        this.budget = loops.budget();
        this.listening = listen(host, port);
    }

    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    public int connections() {
        return budget.connections();
    }

    public long queuedBytes() {
        return budget.queuedBytes();
    }

    /// When, and to whom, the event at this position was written here, as far as that is
    /// remembered; the earliest first.
    public List<WrittenEvents.Written> written(Position position) {
        return loops.written(position);
    }

    /// Hands over what was written in this turn.
    ///
    /// *For the delivery thread.*
    public void endTurn() {
        loops.endTurn();
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        loops.close();
    }

    private static IoHandlerFactory io() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    private static Class<? extends ServerSocketChannel> channel() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    private Channel listen(String host, int port) {
        var bootstrap =
                new ServerBootstrap()
                        .group(loops.group())
                        .channel(channel())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .childHandler(new Accepted());
        if (Epoll.isAvailable()) {
            bootstrap.childOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
        }
        var bound = bootstrap.bind(host, port).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new Failure(
                    "--port: cannot listen on %s:%d: %s"
                            .formatted(host, port, bound.cause().getMessage()),
                    bound.cause());
        }
        return bound.channel();
    }

    /// Thread-safe.
    private final class Accepted extends ChannelInitializer<SocketChannel>
            implements ChannelFutureListener {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            front.meters().increment(EdgeCounter.CONNECTIONS_OPENED);
            var from = channel.remoteAddress();
            if (from == null) {
                channel.close(); // it has gone already
                return;
            }
            boolean admitted = budget.tryConnect(from.getAddress());
            if (admitted) {
                channel.closeFuture().addListener(this);
            }
            if (tls != null) {
                // Shaking hands is the dearest thing that a stranger can ask for.
                if (!admitted || !budget.tryTls(front.clock().millis())) {
                    channel.close();
                    return;
                }
                channel.pipeline().addLast(secure(tls));
            }
            loops.receive(channel, admitted);
        }

        private SslHandler secure(TlsFiles files) {
            var handler = new SslHandler(files.engine());
            handler.setHandshakeTimeoutMillis(front.settings().connectTimeout().toMillis());
            return handler;
        }

        @Override
        public void operationComplete(ChannelFuture closed) {
            budget.onDisconnected(((SocketChannel) closed.channel()).remoteAddress().getAddress());
        }
    }
}
