package io.switchboard.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Addresses and lanes as they stand in hints. The same ones come again and again, and parsing one
/// costs more than all else that is done with its hint: whoever reads a stream of them finds those
/// that came before by their bytes.
///
/// Bounded: an address replaces the one that fell on the same place.
///
/// Confined to one thread, if it remembers anything.
public final class KnownNames {
    /// An address has 200 bytes at most; a longer one is not remembered, and will be refused.
    private static final int LONGEST = 256;

    private static final int MOST_LANES = 4_096;

    private final @Nullable Known[] known;
    private final byte[] bytes = new byte[LONGEST];
    private byte[] tag = {};
    private @Nullable LaneId[] lanes = {};

    private record Known(byte[] bytes, Address address) {}

    /// @param places for addresses: a power of two; 0 remembers nothing
    public KnownNames(int places) {
        if (places < 0 || (places & (places - 1)) != 0) {
            throw new IllegalArgumentException(
                    "places: %d (expected: 0 or a power of two)".formatted(places));
        }
        known = new Known[places];
    }

    /// The address in the next `length` bytes, which are read.
    ///
    /// @throws IllegalArgumentException when they are none
    Address address(ByteBuffer in, int length) {
        if (known.length == 0 || length > LONGEST) {
            return Address.parse(text(in, length));
        }
        in.get(bytes, 0, length);
        int place = hash(bytes, length) & (known.length - 1);
        var before = known[place];
        if (before != null
                && Arrays.equals(before.bytes, 0, before.bytes.length, bytes, 0, length)) {
            return before.address;
        }
        var address = Address.parse(new String(bytes, 0, length, StandardCharsets.UTF_8));
        known[place] = new Known(Arrays.copyOf(bytes, length), address);
        return address;
    }

    /// The lane of this partition, its tag being in the next `length` bytes, which are read.
    ///
    /// @throws IllegalArgumentException when they are none
    LaneId lane(ByteBuffer in, int length, int partition) {
        if (known.length == 0 || length > LONGEST || partition < 0 || partition >= MOST_LANES) {
            return new LaneId(text(in, length), partition);
        }
        in.get(bytes, 0, length);
        if (!Arrays.equals(tag, 0, tag.length, bytes, 0, length)) {
            tag = Arrays.copyOf(bytes, length);
            lanes = new LaneId[0];
        }
        if (partition >= lanes.length) {
            lanes = Arrays.copyOf(lanes, partition + 1);
        }
        var before = lanes[partition];
        if (before == null) {
            before = new LaneId(new String(tag, StandardCharsets.UTF_8), partition);
            lanes[partition] = before;
        }
        return before;
    }

    private static String text(ByteBuffer in, int length) {
        var text = new byte[length];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /// Its high bits are folded in, since only low ones choose the place.
    private static int hash(byte[] bytes, int length) {
        int hash = 1;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash ^ (hash >>> 16);
    }
}
