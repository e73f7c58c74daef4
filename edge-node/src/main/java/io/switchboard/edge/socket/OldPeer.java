package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// A plain old client: the same frames without a subprotocol, and perhaps without a single ACK. It
/// is pinged instead, and what a PONG has proven to have arrived counts as acknowledged.
///
/// Confined to the connection's event loop (but for [io.switchboard.edge.delivery.Link]'s methods).
final class OldPeer extends V1Peer {
    OldPeer(
            Channel channel,
            Front front,
            Loop loop,
            Budget budget,
            String id,
            @Nullable String origin) {
        super(channel, front, loop, budget, id, origin);
    }

    @Override
    boolean acknowledges() {
        return false;
    }

    @Override
    boolean sendBeat() {
        if (channel.isWritable()) {
            channel.writeAndFlush(encodePing(0), channel.voidPromise());
        }
        return true;
    }

    /// Pings with a number are the delivery thread's.
    @Override
    void onPong(ByteBuf payload) {
        onAlive();
        if (payload.readableBytes() == Long.BYTES) {
            long number = payload.getLong(payload.readerIndex());
            if (number > 0) {
                front.door().pong(this, number);
            }
        }
    }
}
