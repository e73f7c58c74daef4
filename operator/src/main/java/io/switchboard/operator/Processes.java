package io.switchboard.operator;

import java.util.HashSet;
import java.util.List;

/// Whether anybody works.
final class Processes {
    private Processes() {}

    static List<Finding> look(Dispatchers dispatchers, RedisLink redis) {
        var owners = dispatchers.owners();
        var edges = redis.get(redis.leases().all());
        return List.of(
                owners.isEmpty()
                        ? Finding.warn("dispatchers", "none is running: events wait in Kafka")
                        : Finding.ok(
                                "dispatchers",
                                "%d, with %d lanes"
                                        .formatted(
                                                new HashSet<>(owners.values()).size(),
                                                owners.size())),
                edges.isEmpty()
                        ? Finding.warn("edges", "none holds a lease: no browser can connect")
                        : Finding.ok("edges", "%d hold a lease".formatted(edges.size())));
    }
}
