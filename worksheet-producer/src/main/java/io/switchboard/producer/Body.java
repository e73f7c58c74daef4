package io.switchboard.producer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads a request's body, and stops as soon as it is larger than it may be, whatever its headers
/// announced.
final class Body {
    private static final int CHUNK = 16 * 1024;

    /// Of a body that is refused, so much is still read, and thrown away: a connection that is
    /// closed on unread bytes is reset, and the answer may be lost with it (RFC 9112 §9.6).
    private static final int MAX_SPENT = 8 * 1024 * 1024;

    private Body() {}

    /// @return null when there is more than `max`
    static byte @Nullable [] read(InputStream in, int max) throws IOException {
        var body = new ByteArrayOutputStream(CHUNK);
        var chunk = new byte[CHUNK];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            if (body.size() + n > max) {
                return null;
            }
            body.write(chunk, 0, n);
        }
        return body.toByteArray();
    }

    /// @return whether that was all of it; if not, the connection is of no further use
    static boolean spend(InputStream in) throws IOException {
        var chunk = new byte[CHUNK];
        int spent = 0;
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            spent += n;
            if (spent > MAX_SPENT) {
                return false;
            }
        }
        return true;
    }
}
