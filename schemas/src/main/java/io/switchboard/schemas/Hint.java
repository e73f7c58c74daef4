package io.switchboard.schemas;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// "This is in the inbox now": what a dispatcher tells an edge node through the edge's topic.
/// Carries the frame, so that an edge whose last position is `prev` needs no read.
///
/// Bytes, big-endian: version 1 (1), partition (4), offset (8), prev (8), expiry (8, ms since the
/// epoch), tag length (1) and tag, address length (2) and address, frame (the rest).
///
/// Immutable; the frame is not copied.
///
/// @param prev offset of the address's entry before this one
public record Hint(
        Address address, LaneId lane, long offset, long prev, long expiry, byte[] frame) {
    private static final byte VERSION = 1;
    private static final int FIXED = 1 + 4 + 8 + 8 + 8 + 1 + 2;
    private static final KnownNames NOTHING_KNOWN = new KnownNames(0);

    public byte[] encode() {
        var tag = lane.tag().getBytes(StandardCharsets.US_ASCII);
        var to = address.key();
        return ByteBuffer.allocate(FIXED + tag.length + to.length + frame.length)
                .put(VERSION)
                .putInt(lane.partition())
                .putLong(offset)
                .putLong(prev)
                .putLong(expiry)
                .put((byte) tag.length)
                .put(tag)
                .putShort((short) to.length)
                .put(to)
                .put(frame)
                .array();
    }

    /// @throws IllegalArgumentException when the bytes are no hint of this version
    public static Hint decode(byte[] bytes) {
        return decode(ByteBuffer.wrap(bytes), NOTHING_KNOWN);
    }

    /// Reads the buffer to its end.
    ///
    /// @param names of the hints before this one
    /// @throws IllegalArgumentException when the bytes are no hint of this version
    public static Hint decode(ByteBuffer in, KnownNames names) {
        int length = in.remaining();
        try {
            var version = in.get();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "hint version: %d (expected: %d)".formatted(version, VERSION));
            }
            int partition = in.getInt();
            long offset = in.getLong();
            long prev = in.getLong();
            long expiry = in.getLong();
            var lane = names.lane(in, atMost(in, Byte.toUnsignedInt(in.get())), partition);
            var address = names.address(in, atMost(in, Short.toUnsignedInt(in.getShort())));
            var frame = new byte[in.remaining()];
            in.get(frame);
            return new Hint(address, lane, offset, prev, expiry, frame);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("hint: ends after %d bytes".formatted(length), e);
        }
    }

    private static int atMost(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        return length;
    }
}
