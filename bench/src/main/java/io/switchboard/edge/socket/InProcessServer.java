package io.switchboard.edge.socket;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.net.InetAddress;

/// What [EdgeServer] is to sockets, on Netty's in-process channels.
///
/// Thread-safe.
public final class InProcessServer implements AutoCloseable {
    private final Loops loops;

    public InProcessServer(Front front, LocalAddress address) {
        this.loops = new Loops(front, StaticFiles.load(), LocalIoHandler.newFactory());
        new ServerBootstrap()
                .group(loops.group())
                .channel(LocalServerChannel.class)
                .childHandler(new Accepted())
                .bind(address)
                .syncUninterruptibly();
    }

    /// *For the delivery thread.*
    public void endTurn() {
        loops.endTurn();
    }

    @Override
    public void close() {
        loops.close();
    }

    private final class Accepted extends ChannelInitializer<Channel> {
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel channel) {
            var from = InetAddress.getLoopbackAddress();
            boolean admitted = loops.budget().tryConnect(from);
            if (admitted) {
                channel.closeFuture().addListener(_ -> loops.budget().onDisconnected(from));
            }
            loops.receive(channel, admitted);
        }
    }
}
