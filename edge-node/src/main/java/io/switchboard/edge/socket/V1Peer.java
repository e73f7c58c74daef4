package io.switchboard.edge.socket;

import io.netty.channel.Channel;
import io.switchboard.schemas.ServerFrames;
import org.jspecify.annotations.Nullable;

/// A browser that speaks `switchboard.v1`.
///
/// Confined to the connection's event loop (but for [io.switchboard.edge.delivery.Link]'s methods).
class V1Peer extends WebSocketPeer {
    static final String SUBPROTOCOL = "switchboard.v1";

    private final Conversation conversation = new Conversation(this);

    V1Peer(
            Channel channel,
            Front front,
            Loop loop,
            Budget budget,
            String id,
            @Nullable String origin) {
        super(channel, front, loop, budget, id, origin);
    }

    @Override
    final void greet() {
        say(ServerFrames.connect());
    }

    @Override
    final void onText(byte[] text) {
        conversation.onFrame(text, this::say);
    }

    @Override
    boolean sendBeat() {
        conversation.onBeat();
        say(ServerFrames.heartBeat());
        return true;
    }
}
