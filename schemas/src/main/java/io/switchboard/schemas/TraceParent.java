package io.switchboard.schemas;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// The W3C trace context (<https://www.w3.org/TR/trace-context/>) that an event was sent with: the
/// header [#HEADER] of its HTTP request and its records, a field of its frame.
public final class TraceParent {
    public static final String HEADER = "traceparent";
    public static final String STATE_HEADER = "tracestate";

    private static final Pattern FORM =
            Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    private static final byte[] FIELD =
            ("\"" + HEADER + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PAYLOAD = "\"response\":".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = 55;

    /// The field stands before the payload, and behind little else.
    private static final int FARTHEST = 1_024;

    private TraceParent() {}

    /// Null when there is none, or one that no browser should be troubled with.
    public static @Nullable String of(Headers headers) {
        var header = headers.lastHeader(HEADER);
        if (header == null || header.value() == null || header.value().length != LENGTH) {
            return null;
        }
        var text = new String(header.value(), StandardCharsets.US_ASCII);
        return FORM.matcher(text).matches() ? text : null;
    }

    /// The same of a frame that [EventFrame] wrote, without reading its payload.
    public static @Nullable String of(byte[] frame) {
        int last = Math.min(frame.length, FARTHEST) - FIELD.length - LENGTH;
        for (int at = 0; at <= last; at++) {
            if (startsAt(frame, at, PAYLOAD)) {
                return null; // what stands in there is the producer's
            }
            if (startsAt(frame, at, FIELD)) {
                var text = new String(frame, at + FIELD.length, LENGTH, StandardCharsets.US_ASCII);
                return FORM.matcher(text).matches() ? text : null;
            }
        }
        return null;
    }

    private static boolean startsAt(byte[] frame, int at, byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if (frame[at + i] != text[i]) {
                return false;
            }
        }
        return true;
    }
}
