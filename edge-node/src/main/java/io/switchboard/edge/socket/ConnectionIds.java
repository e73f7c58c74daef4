package io.switchboard.edge.socket;

import java.security.SecureRandom;
import java.util.Base64;

/// Names of connections: never used twice, and not to be guessed.
final class ConnectionIds {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 15;

    private ConnectionIds() {}

    static String next() {
        var bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }
}
