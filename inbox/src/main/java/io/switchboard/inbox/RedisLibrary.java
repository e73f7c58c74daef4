package io.switchboard.inbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/// The functions that run inside Redis, as one text. The name carries the layout's number and the
/// text's hash: processes of two releases find each its own on one Redis, and nobody has to
/// remember to raise a version. On the same keys they mean the same, as long as the layout is the
/// same; a release that changes what is stored raises [#LAYOUT]. Its keys are others then, and its
/// lanes rebuild themselves from Kafka.
///
/// Immutable.
record RedisLibrary(String name, String code) {
    /// Of the keys and what they hold: raised when a release and the one before it would not read
    /// each other's.
    static final int LAYOUT = 1;

    /// What all keys begin with.
    static final String KEYS = LAYOUT == 1 ? "sb" : "sb" + LAYOUT;

    private static final List<String> FILES =
            List.of(
                    "1-shard.lua",
                    "2-box.lua",
                    "3-lane.lua",
                    "4-edge.lua",
                    "5-leases.lua",
                    "6-inspect.lua",
                    "7-register.lua");

    static RedisLibrary load() {
        return of(FILES.stream().map(RedisLibrary::read).collect(Collectors.joining("\n")));
    }

    static RedisLibrary of(String text) {
        var name = "switchboard_%d_%s".formatted(LAYOUT, hash(text));
        return new RedisLibrary(name, text.replace("${library}", name));
    }

    String function(String function) {
        return name + "_" + function;
    }

    private static String read(String file) {
        try (var in = RedisLibrary.class.getResourceAsStream("functions/" + file)) {
            if (in == null) {
                throw new IllegalStateException(
                        "function library: %s is not in the jar".formatted(file));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var all = digest.digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(all, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
