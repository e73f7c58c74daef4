package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.ServerFrames;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A browser on a WebSocket: with subprotocol `switchboard.v1`, or a plain old client without.
///
/// Confined to the connection's event loop (but for [io.switchboard.edge.delivery.Link]'s methods).
final class WebSocketPeer extends Peer {
    static final String SUBPROTOCOL = "switchboard.v1";

    private static final Logger LOG = LoggerFactory.getLogger(WebSocketPeer.class);
    private static final int NORMAL = WebSocketCloseStatus.NORMAL_CLOSURE.code();

    private final boolean v1;

    WebSocketPeer(
            Channel channel,
            Front front,
            Loop loop,
            Budget budget,
            String id,
            @Nullable String origin,
            boolean v1) {
        super(channel, front, loop, budget, id, origin);
        this.v1 = v1;
    }

    /// The channel is a WebSocket now.
    void greet() {
        say(ServerFrames.connect());
    }

    @Override
    boolean speaksV1() {
        return v1;
    }

    @Override
    boolean carriesPositions() {
        return false;
    }

    @Override
    boolean closesTogether() {
        return true;
    }

    @Override
    boolean sendBeat() {
        if (v1) {
            say(ServerFrames.heartBeat());
        } else if (channel.isWritable()) {
            channel.writeAndFlush(encodePing(0), channel.voidPromise());
        }
        return true;
    }

    @Override
    ByteBuf encode(Outbox.Item.Frame frame, Outbox outbox) {
        return outbox.webSocketFrame(frame.bytes());
    }

    @Override
    ByteBuf encodePing(long number) {
        return WireFrames.ping(channel.alloc(), number);
    }

    @Override
    ByteBuf encodeClose(CloseCode code) {
        return WireFrames.close(channel.alloc(), code.code(), code.reason());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            switch (message) {
                case TextWebSocketFrame text ->
                        onFrame(ByteBufUtil.getBytes(text.content()), this::say);
                case PingWebSocketFrame ping -> onPing(ping.content());
                case PongWebSocketFrame pong -> onPong(pong.content());
                case CloseWebSocketFrame close -> onClose(close.statusCode());
                case BinaryWebSocketFrame _ -> closeNow(CloseCode.PROTOCOL_ERROR);
                default -> LOG.atDebug().log("Ignored: {}", message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void onPing(ByteBuf payload) {
        onAlive();
        if (isOpen() && channel.isWritable()) {
            channel.writeAndFlush(WireFrames.pong(channel.alloc(), payload), channel.voidPromise());
        }
    }

    /// Pings with a number are the delivery thread's.
    private void onPong(ByteBuf payload) {
        if (v1) {
            return;
        }
        onAlive();
        if (payload.readableBytes() == Long.BYTES) {
            long number = payload.getLong(payload.readerIndex());
            if (number > 0) {
                front.door().pong(this, number);
            }
        }
    }

    /// Echoes the code (RFC 6455 §5.5.1), unless this answers ours.
    private void onClose(int code) {
        if (!isOpen()) {
            channel.close();
            return;
        }
        var answer =
                code < 0
                        ? WireFrames.close(channel.alloc())
                        : WireFrames.close(channel.alloc(), code, "");
        channel.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupt) {
            if (corrupt.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)) {
                closeNow(CloseCode.FRAME_TOO_LARGE);
            } else {
                fail(corrupt.closeStatus());
            }
        } else if (cause instanceof TooLongFrameException) {
            closeNow(CloseCode.FRAME_TOO_LARGE);
        } else if (cause instanceof IOException) {
            channel.close(); // the network broke, or was written to after it did
        } else {
            LOG.atError().addKeyValue("connection", id()).setCause(cause).log("Unforeseen");
            closeNow(CloseCode.INTERNAL);
        }
    }

    private void fail(WebSocketCloseStatus status) {
        if (isOpen()) {
            int code = status.code() > 0 ? status.code() : NORMAL;
            channel.writeAndFlush(WireFrames.close(channel.alloc(), code, status.reasonText()))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }
}
