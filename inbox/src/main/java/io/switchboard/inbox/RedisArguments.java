package io.switchboard.inbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Arguments of one function call, in the order in which its page of the library reads them.
///
/// Confined to the caller.
final class RedisArguments {
    private static final byte[] EMPTY = {};

    private final String key;
    private final List<byte[]> values = new ArrayList<>();

    RedisArguments(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }

    RedisArguments text(@Nullable Object value) {
        values.add(value == null ? EMPTY : value.toString().getBytes(StandardCharsets.UTF_8));
        return this;
    }

    RedisArguments number(long value) {
        return text(Long.toString(value));
    }

    RedisArguments bytes(byte[] value) {
        values.add(value);
        return this;
    }

    Object[] values() {
        return values.toArray();
    }
}
