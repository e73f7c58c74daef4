package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/// WebSocket frames as a server writes them (RFC 6455 §5.2): whole, unmasked, one buffer each, so
/// that one that goes to many is encoded once, and no encoder need sit in each pipeline.
final class WireFrames {
    private static final int FIN = 0x80;
    private static final int TEXT = 0x1;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xA;
    private static final int MAX_SHORT = 125;
    private static final int MAX_MEDIUM = 0xFFFF;
    private static final int MAX_HEADER = 10;

    private WireFrames() {}

    static ByteBuf text(ByteBufAllocator allocator, byte[] payload) {
        var frame = allocator.ioBuffer(MAX_HEADER + payload.length);
        return header(frame, TEXT, payload.length).writeBytes(payload);
    }

    /// @param before and `after`: what stands around the payload, in ASCII
    static ByteBuf text(ByteBufAllocator allocator, String before, byte[] payload, String after) {
        int length = before.length() + payload.length + after.length();
        var frame = header(allocator.ioBuffer(MAX_HEADER + length), TEXT, length);
        ByteBufUtil.writeAscii(frame, before);
        frame.writeBytes(payload);
        ByteBufUtil.writeAscii(frame, after);
        return frame;
    }

    static ByteBuf ping(ByteBufAllocator allocator, long number) {
        return header(allocator.ioBuffer(MAX_HEADER), PING, Long.BYTES).writeLong(number);
    }

    static ByteBuf pong(ByteBufAllocator allocator, ByteBuf payload) {
        int length = payload.readableBytes();
        var frame = allocator.ioBuffer(MAX_HEADER + length);
        return header(frame, PONG, length).writeBytes(payload, payload.readerIndex(), length);
    }

    static ByteBuf close(ByteBufAllocator allocator, int code, String reason) {
        int length = Short.BYTES + ByteBufUtil.utf8Bytes(reason);
        var frame = allocator.ioBuffer(MAX_HEADER + length);
        header(frame, CLOSE, length)
                .writeShort(code)
                .writeCharSequence(reason, StandardCharsets.UTF_8);
        return frame;
    }

    /// The answer to a close frame without a code.
    static ByteBuf close(ByteBufAllocator allocator) {
        return header(allocator.ioBuffer(MAX_HEADER), CLOSE, 0);
    }

    private static ByteBuf header(ByteBuf frame, int opcode, int length) {
        frame.writeByte(FIN | opcode);
        if (length <= MAX_SHORT) {
            return frame.writeByte(length);
        }
        if (length <= MAX_MEDIUM) {
            return frame.writeByte(MAX_SHORT + 1).writeShort(length);
        }
        return frame.writeByte(MAX_SHORT + 2).writeLong(length);
    }
}
