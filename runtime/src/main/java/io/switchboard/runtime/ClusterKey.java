package io.switchboard.runtime;

import io.switchboard.schemas.Proof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the cluster's key: base64 lines (or words), the first signs, every one verifies.
public final class ClusterKey {
    private static final Pattern SEPARATOR = Pattern.compile("[\\s,]+");

    private ClusterKey() {}

    /// @param file wins over `env`
    /// @param env the lines themselves
    public static Proof load(@Nullable Path file, @Nullable String env) {
        if (file != null) {
            return parse("--cluster-key-file " + file, read(file));
        }
        if (env != null) {
            return parse("SWITCHBOARD_CLUSTER_KEY", env);
        }
        throw new Unusable(
                "cluster key: none given (expected: --cluster-key-file FILE or SWITCHBOARD_CLUSTER_KEY; `head -c 32 /dev/urandom | base64` makes one)");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException _) {
            throw new Unusable(
                    "--cluster-key-file: '%s' cannot be read (expected: a file of base64 lines)"
                            .formatted(file));
        }
    }

    private static Proof parse(String source, String text) {
        var keys = new ArrayList<byte[]>();
        for (var line : SEPARATOR.splitAsStream(text.strip()).toList()) {
            try {
                keys.add(Base64.getDecoder().decode(line));
            } catch (IllegalArgumentException _) {
                throw new Unusable(
                        "%s: key %d is not base64 (expected: %d bytes or more, as base64)"
                                .formatted(source, keys.size() + 1, Proof.KEY_BYTES));
            }
        }
        try {
            return new Proof(keys);
        } catch (IllegalArgumentException e) {
            throw new Unusable(source + ": " + e.getMessage());
        }
    }
}
