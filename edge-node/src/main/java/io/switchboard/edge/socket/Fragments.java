package io.switchboard.edge.socket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;

/// Counts the fragments of messages as the frames that they are: the peer sees only whole
/// messages, and one of them could be a hundred thousand frames.
///
/// Confined to the channel's event loop.
final class Fragments extends ChannelInboundHandlerAdapter {
    private final WebSocketPeer peer;

    Fragments(WebSocketPeer peer) {
        this.peer = peer;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ContinuationWebSocketFrame fragment && !peer.takesFrame()) {
            fragment.release();
            return;
        }
        context.fireChannelRead(message);
    }
}
