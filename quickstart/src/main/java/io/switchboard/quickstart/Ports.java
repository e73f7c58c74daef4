package io.switchboard.quickstart;

import io.switchboard.runtime.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Who listens where.
///
/// Immutable.
record Ports(
        Pair frontDoor, List<Pair> edges, List<Integer> dispatcherAdmins, int kafka, int redis) {
    /// What `up` has by default; its Kafka is then where Kafka's own tools expect it.
    static final int DEFAULT_BASE = 9080;

    /// Further ones would meet Kafka's port.
    static final int MOST_EDGES = 9;

    private static final int KAFKA = 12;
    private static final int REDIS = 13;
    private static final int ADMIN = 100;
    private static final int DISPATCHER_ADMIN = 110;

    /// A process's own port and its admin port.
    record Pair(int port, int admin) {}

    /// The front door on `base`, edges on the next ones, admin ports 100 above each.
    static Ports from(int base, int edges, int dispatchers) {
        return new Ports(
                pair(base),
                IntStream.rangeClosed(1, edges).mapToObj(i -> pair(base + i)).toList(),
                IntStream.range(0, dispatchers).mapToObj(i -> base + DISPATCHER_ADMIN + i).toList(),
                base + KAFKA,
                base + REDIS);
    }

    static Ports free(int edges, int dispatchers) {
        return new Ports(
                freePair(),
                Stream.generate(Ports::freePair).limit(edges).toList(),
                Stream.generate(FreePorts::next).limit(dispatchers).toList(),
                FreePorts.next(),
                FreePorts.next());
    }

    /// @throws Failure naming the port that somebody listens on
    void requireFree(boolean withKafka, boolean withRedis) {
        requireFree("the front door", frontDoor);
        edges.forEach(each -> requireFree("an edge", each));
        dispatcherAdmins.forEach(each -> requireFree("a dispatcher's admin port", each));
        if (withKafka) {
            requireFree("Kafka", kafka);
        }
        if (withRedis) {
            requireFree("Redis", redis);
        }
    }

    private static void requireFree(String whose, Pair ports) {
        requireFree(whose, ports.port());
        requireFree(whose + "'s admin port", ports.admin());
    }

    private static void requireFree(String whose, int port) {
        if (!FreePorts.isFree(port)) {
            throw new Failure(
                    "port %d, for %s, is taken (expected: free; give another --port)"
                            .formatted(port, whose));
        }
    }

    private static Pair pair(int port) {
        return new Pair(port, port + ADMIN);
    }

    private static Pair freePair() {
        return new Pair(FreePorts.next(), FreePorts.next());
    }

    List<Integer> adminPorts() {
        var all = new ArrayList<Integer>();
        all.add(frontDoor.admin());
        edges.forEach(each -> all.add(each.admin()));
        all.addAll(dispatcherAdmins);
        return all;
    }
}
