package io.switchboard.producer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads a request's body, and stops as soon as it is larger than it may be, whatever its headers
/// announced.
final class Body {
    private static final int CHUNK = 16 * 1024;

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
}
