package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CodecException;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A browser on an event stream (WHATWG HTML §9.2): the same frames as `data:`, where it then
/// stands as `id:`, the close code as an event `close`. What it says comes in POSTs beside it.
///
/// Confined to the connection's event loop (but for [io.switchboard.edge.delivery.Link]'s methods).
final class SsePeer extends Peer {
    private static final Logger LOG = LoggerFactory.getLogger(SsePeer.class);
    private static final byte[] COMMENT = ":\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final int OVERHEAD = 16;

    private final Conversation conversation = new Conversation(this);

    SsePeer(
            Channel channel,
            Front front,
            Loop loop,
            Budget budget,
            String id,
            @Nullable String origin) {
        super(channel, front, loop, budget, id, origin);
    }

    /// What its browser said in a POST.
    boolean onFrame(byte[] bytes, Consumer<byte[]> reply) {
        return conversation.onFrame(bytes, reply);
    }

    @Override
    boolean carriesPositions() {
        return true;
    }

    @Override
    boolean closesTogether() {
        return false;
    }

    @Override
    ByteBuf encode(Outbox.Item.Event event, Outbox outbox) {
        return encode(event.frame(), event.positions());
    }

    @Override
    ByteBuf encode(byte[] frame) {
        return encode(frame, "");
    }

    private ByteBuf encode(byte[] frame, String positions) {
        var text = channel.alloc().ioBuffer(frame.length + positions.length() + OVERHEAD);
        if (!positions.isEmpty()) {
            ByteBufUtil.writeAscii(text, "id: ");
            ByteBufUtil.writeAscii(text, positions);
            text.writeByte('\n');
        }
        return text.writeBytes(DATA).writeBytes(frame).writeByte('\n').writeByte('\n');
    }

    /// Nothing comes back on a stream: its acknowledgements are its own.
    @Override
    ByteBuf encodePing(long number) {
        return nothing();
    }

    @Override
    ByteBuf encodeClose(CloseCode code) {
        var data = Json.object().put("code", code.code()).put("reason", code.reason());
        var text = channel.alloc().ioBuffer();
        ByteBufUtil.writeAscii(text, "event: close\n");
        return text.writeBytes(DATA).writeBytes(Json.bytes(data)).writeByte('\n').writeByte('\n');
    }

    /// Keeps proxies from ending the stream, and TCP notices when nobody is there any more.
    @Override
    boolean sendBeat() {
        channel.writeAndFlush(Unpooled.wrappedBuffer(COMMENT), channel.voidPromise());
        return false;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message); // there is nothing to say on this side
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException || cause instanceof CodecException)) {
            LOG.atError().addKeyValue("connection", id()).setCause(cause).log("Unforeseen");
        }
        context.close();
    }
}
