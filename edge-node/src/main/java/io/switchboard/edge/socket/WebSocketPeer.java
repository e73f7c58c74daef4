package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CodecException;
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
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A browser on a WebSocket: text frames in and out, control frames, the closing handshake
/// (RFC 6455 §5.5). What the texts say is the subclass's.
///
/// Confined to the connection's event loop (but for [io.switchboard.edge.delivery.Link]'s methods).
abstract class WebSocketPeer extends Peer {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketPeer.class);
    private static final int LAST_CODE = 4_999;
    private static final int NORMAL = WebSocketCloseStatus.NORMAL_CLOSURE.code();

    WebSocketPeer(
            Channel channel,
            Front front,
            Loop loop,
            Budget budget,
            String id,
            @Nullable String origin) {
        super(channel, front, loop, budget, id, origin);
    }

    /// The channel is a WebSocket now.
    abstract void greet();

    abstract void onText(byte[] text);

    void onPong(ByteBuf payload) {}

    /// None of our protocols has it.
    void onBinary(ByteBuf payload) {
        closeNow(CloseCode.PROTOCOL_ERROR);
    }

    @Override
    final boolean closesTogether() {
        return true;
    }

    @Override
    ByteBuf encode(Outbox.Item.Event event, Outbox outbox) {
        return outbox.shared(event, Outbox.AS_IT_IS);
    }

    @Override
    final ByteBuf encode(byte[] frame) {
        return WireFrames.text(channel.alloc(), frame);
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
    public final void channelRead(ChannelHandlerContext context, Object message) {
        try {
            switch (message) {
                case TextWebSocketFrame text -> onText(ByteBufUtil.getBytes(text.content()));
                case PingWebSocketFrame ping -> {
                    if (takesFrame()) {
                        onPing(ping.content());
                    }
                }
                case PongWebSocketFrame pong -> {
                    if (takesFrame()) {
                        onPong(pong.content());
                    }
                }
                case CloseWebSocketFrame close -> onClose(close.statusCode());
                case BinaryWebSocketFrame binary -> onBinary(binary.content());
                default -> LOG.atDebug().log("Ignored: {}", message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void onPing(ByteBuf payload) {
        onAlive();
        if (maySay()) {
            channel.writeAndFlush(WireFrames.pong(channel.alloc(), payload), channel.voidPromise());
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
                        : WireFrames.close(channel.alloc(), sayable(code), "");
        channel.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    /// Codes end at 4999 (RFC 6455 §7.4.2); Netty refuses the other ones that nobody may say.
    private static int sayable(int code) {
        return code > LAST_CODE ? WebSocketCloseStatus.PROTOCOL_ERROR.code() : code;
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException corrupt) {
            if (corrupt.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)) {
                closeNow(CloseCode.FRAME_TOO_LARGE);
            } else {
                fail(corrupt.closeStatus());
            }
        } else if (cause instanceof TooLongFrameException) {
            closeNow(CloseCode.FRAME_TOO_LARGE);
        } else if (cause instanceof IOException || cause instanceof CodecException) {
            channel.close(); // the network broke, was written to after it did, or was no TLS
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
