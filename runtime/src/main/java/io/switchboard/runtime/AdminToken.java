package io.switchboard.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// What opens the admin ports of a cluster: the same for every process, sent as
/// `Authorization: Bearer …`.
///
/// Immutable.
public final class AdminToken {
    private static final int MIN_LENGTH = 16;
    private static final String VARIABLE = "SWITCHBOARD_ADMIN_TOKEN_FILE";

    private final String header;

    private AdminToken(String token) {
        this.header = "Bearer " + token;
    }

    /// @throws Unusable when the file cannot be read, or its token can be guessed
    public static AdminToken read(Path file) {
        String token;
        try {
            token = Files.readString(file).strip();
        } catch (IOException _) {
            throw new Unusable(
                    "--admin-token-file: '%s' cannot be read (expected: a file with one token)"
                            .formatted(file));
        }
        if (token.length() < MIN_LENGTH || token.chars().anyMatch(it -> it <= ' ' || it > '~')) {
            throw new Unusable(
                    "--admin-token-file: '%s' (expected: one token of %d visible characters or more)"
                            .formatted(file, MIN_LENGTH));
        }
        return new AdminToken(token);
    }

    /// For tools, which have no flag for it.
    static @Nullable AdminToken ofEnvironment() {
        var file = System.getenv(VARIABLE);
        return file == null ? null : read(Path.of(file));
    }

    String header() {
        return header;
    }

    boolean isIn(@Nullable String authorization) {
        return authorization != null
                && MessageDigest.isEqual(
                        header.getBytes(StandardCharsets.UTF_8),
                        authorization.getBytes(StandardCharsets.UTF_8));
    }
}
