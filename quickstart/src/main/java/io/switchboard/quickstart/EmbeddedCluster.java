package io.switchboard.quickstart;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/// A Redis Cluster on loopback: masters, each with an equal run of slots, and no replicas. While it
/// lacks some of its slots it serves the others.
///
/// Thread-safe.
public final class EmbeddedCluster implements AutoCloseable {
    private static final int SLOTS = 16_384;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(50);

    /// Starts one node.
    @FunctionalInterface
    public interface Nodes {
        /// @param number of the master, from 0
        /// @param settings that make it a node of a cluster
        EmbeddedRedis start(int number, String... settings);
    }

    private final List<EmbeddedRedis> masters;
    private final int firstBusPort;

    private EmbeddedCluster(List<EmbeddedRedis> masters, int firstBusPort) {
        this.masters = List.copyOf(masters);
        this.firstBusPort = firstBusPort;
    }

    /// Returns when every master knows who has what.
    public static EmbeddedCluster form(int count, Nodes nodes) {
        var busPorts = IntStream.range(0, count).map(_ -> FreePorts.next()).toArray();
        var masters = new ArrayList<EmbeddedRedis>();
        try {
            for (int i = 0; i < count; i++) {
                var node = nodes.start(i, settings(busPorts[i]));
                masters.add(node);
                node.awaitReady();
                node.command(
                        "CLUSTER ADDSLOTSRANGE %d %d"
                                .formatted(firstSlot(i, count), firstSlot(i + 1, count) - 1));
            }
            var cluster = new EmbeddedCluster(masters, busPorts[0]);
            masters.stream().skip(1).forEach(cluster::meet);
            cluster.awaitWhole();
            return cluster;
        } catch (RuntimeException e) {
            masters.forEach(EmbeddedRedis::close);
            throw e;
        }
    }

    /// What makes a redis-server a node that may join.
    public static String[] settings(int busPort) {
        return new String[] {
            "--cluster-enabled", "yes",
            "--cluster-port", Integer.toString(busPort),
            "--cluster-require-full-coverage", "no",
            "--cluster-node-timeout", "2000",
            "--cluster-replica-validity-factor", "0"
        };
    }

    /// Brings a node into the cluster; does not wait until it knows the others.
    public void meet(EmbeddedRedis node) {
        node.command(
                "CLUSTER MEET 127.0.0.1 %d %d".formatted(masters.getFirst().port(), firstBusPort));
    }

    private static int firstSlot(int master, int count) {
        return SLOTS * master / count;
    }

    /// Until every master knows who has what.
    public void awaitWhole() {
        await("the cluster is whole", () -> masters.stream().allMatch(this::knowsAll));
    }

    /// @throws IllegalStateException when it does not come true within a minute
    public static void await(String what, java.util.function.BooleanSupplier holds) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not after %s: %s".formatted(PATIENCE, what));
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private boolean knowsAll(EmbeddedRedis node) {
        return IntStream.range(0, masters.size()).allMatch(i -> knows(node, keyOn(i)));
    }

    /// Whether that node has this key, or knows who has.
    public static boolean knows(EmbeddedRedis node, String key) {
        try {
            node.command("GET " + key);
            return true;
        } catch (UncheckedIOException e) {
            return String.valueOf(e.getCause()).contains("MOVED");
        }
    }

    /// Some key of that master's.
    public String keyOn(int master) {
        return IntStream.range(0, SLOTS)
                .filter(lane -> masterOf(lane) == master)
                .mapToObj("{%d}"::formatted)
                .findFirst()
                .orElseThrow();
    }

    /// The master that has this lane's shard.
    public int masterOf(int lane) {
        var slot = masters.getFirst().command("CLUSTER KEYSLOT {%d}".formatted(lane));
        int number = Integer.parseInt(slot.substring(1));
        int master = 0;
        while (number >= firstSlot(master + 1, masters.size())) {
            master++;
        }
        return master;
    }

    public List<EmbeddedRedis> masters() {
        return masters;
    }

    /// The URLs of all of them, as processes of ours are told.
    public String urls() {
        return String.join(",", masters.stream().map(EmbeddedRedis::url).toList());
    }

    @Override
    public void close() {
        masters.forEach(EmbeddedRedis::close);
    }
}
