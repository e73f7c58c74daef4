package io.switchboard.inbox;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Whole numbers in a row, as `cmsgpack.unpack` reads them
/// ([MessagePack](https://github.com/msgpack/msgpack/blob/master/spec.md)): small ones in a byte,
/// others as int 64.
///
/// Confined to the caller.
final class MessagePackNumbers {
    private static final byte INT_64 = (byte) 0xd3;

    private static final int MOST_BYTES = 1 + Long.BYTES;

    private final ByteBuffer bytes;

    /// @param most how many there will be at most
    MessagePackNumbers(int most) {
        bytes = ByteBuffer.allocate(most * MOST_BYTES);
    }

    MessagePackNumbers add(long number) {
        if (number >= -32 && number <= Byte.MAX_VALUE) {
            bytes.put((byte) number);
        } else {
            bytes.put(INT_64).putLong(number);
        }
        return this;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
