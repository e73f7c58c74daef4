package io.switchboard.dispatcher.lane;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// A record of the events topic, in the lane that reads it.
///
/// Immutable; bytes are not copied.
///
/// @param timestamp the broker's (LogAppendTime), ms since the epoch
public record LogRecord(
        long offset,
        long timestamp,
        byte @Nullable [] key,
        byte @Nullable [] value,
        Headers headers) {

    public byte @Nullable [] header(String name) {
        var header = headers.lastHeader(name);
        return header == null ? null : header.value();
    }

    public @Nullable String text(String name) {
        var bytes = header(name);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    int bytes() {
        return (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    }
}
