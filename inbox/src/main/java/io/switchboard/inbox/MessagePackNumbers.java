package io.switchboard.inbox;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/// Whole numbers in a row, as `cmsgpack.unpack` reads them
/// ([MessagePack](https://github.com/msgpack/msgpack/blob/master/spec.md)): small ones in a byte,
/// others as int 64.
///
/// Confined to the caller.
final class MessagePackNumbers {
    private static final int INT_64 = 0xd3;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    MessagePackNumbers add(long number) {
        if (number >= -32 && number <= Byte.MAX_VALUE) {
            bytes.write((byte) number);
        } else {
            bytes.write(INT_64);
            bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
        }
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
