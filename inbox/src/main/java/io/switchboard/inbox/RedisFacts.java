package io.switchboard.inbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.redisson.api.redisnode.RedisNode;
import org.redisson.client.RedisException;

/// Whether a Redis is fit to hold inboxes.
///
/// Immutable.
///
/// @param version the oldest of its masters'
/// @param problems what will not do, each a sentence
/// @param warnings what will do, at a price, each a sentence
public record RedisFacts(String version, List<String> problems, List<String> warnings) {
    private static final int OLDEST_VERSION = 7;

    /// Each stream's first node takes this much at once; 4096, the default, is five times what an
    /// idle address needs.
    private static final int MOST_NODE_BYTES = 1024;

    public boolean fit() {
        return problems.isEmpty();
    }

    /// @throws InboxAway when a master does not answer
    static RedisFacts ask(RedisConnection redis) {
        var problems = new ArrayList<String>();
        var warnings = new ArrayList<String>();
        try {
            var version = oldest(redis.info(RedisNode.InfoSection.SERVER), problems);
            readConfig(redis, problems, warnings);
            return new RedisFacts(version, List.copyOf(problems), List.copyOf(warnings));
        } catch (RedisException e) {
            throw new InboxAway("Redis did not say what it is", e);
        }
    }

    private static String oldest(List<Map<String, String>> masters, List<String> problems) {
        var version = "";
        int major = Integer.MAX_VALUE;
        for (var each : masters) {
            var said = each.getOrDefault("redis_version", "0");
            int its = Integer.parseInt(said.substring(0, Math.max(1, said.indexOf('.'))));
            if (its < major) {
                major = its;
                version = said;
            }
        }
        if (major < OLDEST_VERSION) {
            problems.add(
                    "redis_version: %s (expected: ≥ %d, for functions)"
                            .formatted(version, OLDEST_VERSION));
        }
        return version;
    }

    /// Managed servers often refuse CONFIG: then what cannot be seen is said.
    private static void readConfig(
            RedisConnection redis, List<String> problems, List<String> warnings) {
        try {
            for (var each : values(redis, "maxmemory-policy")) {
                if (!each.equals("noeviction")) {
                    problems.add(
                            "maxmemory-policy: %s (expected: noeviction; an evicted key is a lost inbox)"
                                    .formatted(each));
                }
            }
            for (var each : values(redis, "stream-node-max-bytes")) {
                if (Integer.parseInt(each) > MOST_NODE_BYTES) {
                    warnings.add(
                            "stream-node-max-bytes: %s (expected: ≤ %d; each address takes that much)"
                                    .formatted(each, MOST_NODE_BYTES));
                }
            }
            for (var each : values(redis, "appendonly")) {
                if (!each.equals("yes")) {
                    warnings.add(
                            "appendonly: %s (expected: yes; otherwise each restart is a rebuild)"
                                    .formatted(each));
                }
            }
        } catch (RedisException e) {
            if (String.valueOf(e.getMessage()).contains("timeout")) {
                throw e;
            }
            warnings.add(
                    "CONFIG: refused, so that maxmemory-policy and stream-node-max-bytes were not checked");
        }
    }

    private static List<String> values(RedisConnection redis, String parameter) {
        return redis.config(parameter).stream()
                .map(each -> each.getOrDefault(parameter, ""))
                .distinct()
                .toList();
    }
}
