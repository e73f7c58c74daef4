package io.switchboard.bench.far;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/// WebSocket as a browser's end writes it (RFC 6455), cut down to what a load needs: the mask is
/// zero, which is a mask as good as any other, and saves us from masking.
public final class Frames {
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int MAX_SHORT = 125;
    private static final int MAX_HEADER = 8;

    static final int TEXT = 0x1;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;
    static final int PONG = 0xA;

    private Frames() {}

    public static byte[] handshake(String path, String subprotocol) {
        return """
               GET %s HTTP/1.1\r
               Host: 127.0.0.1\r
               Upgrade: websocket\r
               Connection: Upgrade\r
               Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
               Sec-WebSocket-Version: 13\r
               %s\r
               """
                .formatted(
                        path,
                        subprotocol.isEmpty()
                                ? ""
                                : "Sec-WebSocket-Protocol: " + subprotocol + "\r\n")
                .getBytes(US_ASCII);
    }

    public static ByteBuf text(ByteBufAllocator allocator, String text) {
        var bytes = text.getBytes(UTF_8);
        return header(allocator.ioBuffer(MAX_HEADER + bytes.length), TEXT, bytes.length)
                .writeBytes(bytes);
    }

    static ByteBuf header(ByteBuf into, int opcode, int length) {
        into.writeByte(FIN | opcode);
        if (length <= MAX_SHORT) {
            into.writeByte(MASKED | length);
        } else {
            into.writeByte(MASKED | (MAX_SHORT + 1)).writeShort(length);
        }
        return into.writeInt(0);
    }
}
