package io.switchboard.runtime;

import java.util.List;
import picocli.CommandLine.Option;

/// Where Redis is.
public final class RedisFlags {
    @Option(
            names = "--redis",
            split = ",",
            paramLabel = "redis://HOST:PORT",
            defaultValue = "redis://127.0.0.1:6379",
            description = "Redis; several, comma separated, are a cluster (${DEFAULT-VALUE}).")
    private List<String> redis = List.of("redis://127.0.0.1:6379");

    public RedisFlags() {}

    /// One: a single server. Several: seeds of a cluster.
    public List<String> urls() {
        return checked(redis);
    }

    /// @throws Unusable when one of them is no URL of Redis
    public static List<String> checked(List<String> urls) {
        for (var url : urls) {
            if (!url.startsWith("redis://") && !url.startsWith("rediss://")) {
                throw new Unusable(
                        "--redis: '%s' (expected: redis://host:port or rediss://host:port)"
                                .formatted(url.replaceAll("//.*@", "//…@")));
            }
        }
        return List.copyOf(urls);
    }
}
