package io.switchboard.systemtests.harness;

import io.switchboard.quickstart.EmbeddedRedis;
import io.switchboard.quickstart.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// A broker, and a Redis Cluster of several masters, without replicas unless one is asked for. A
/// cluster that lacks some of its slots serves the others.
///
/// Thread-safe.
public final class ClusterInfra implements Infra {
    private static final int SLOTS = 16_384;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ForkedInfra forked;
    private final Path data;
    private final Path logs;
    private final List<EmbeddedRedis> masters = new ArrayList<>();
    private final List<Integer> busPorts = new ArrayList<>();
    private final Map<Integer, EmbeddedRedis> replicas = new HashMap<>();

    private ClusterInfra(ForkedInfra forked, Path data, Path logs) {
        this.forked = forked;
        this.data = data;
        this.logs = logs;
    }

    public static ClusterInfra start(Path logs, int masters) {
        try {
            var infra =
                    new ClusterInfra(
                            ForkedInfra.start(logs),
                            Files.createTempDirectory("switchboard-cluster"),
                            logs);
            infra.form(masters);
            return infra;
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the cluster's data", e);
        }
    }

    private void form(int count) {
        for (int i = 0; i < count; i++) {
            busPorts.add(FreePorts.next());
            masters.add(node("master-" + i, busPorts.get(i)));
            masters.get(i)
                    .command(
                            "CLUSTER ADDSLOTSRANGE %d %d"
                                    .formatted(firstSlot(i, count), firstSlot(i + 1, count) - 1));
        }
        for (int i = 1; i < count; i++) {
            meet(masters.get(i));
        }
        awaitWhole();
    }

    private EmbeddedRedis node(String name, int busPort) {
        var log = logs.resolve("redis-%s.log".formatted(name));
        return EmbeddedRedis.start(FreePorts.next(), data.resolve(name), log, settings(busPort))
                .awaitReady();
    }

    private void meet(EmbeddedRedis node) {
        node.command(
                "CLUSTER MEET 127.0.0.1 %d %d"
                        .formatted(masters.getFirst().port(), busPorts.getFirst()));
    }

    private static String[] settings(int busPort) {
        return new String[] {
            "--cluster-enabled", "yes",
            "--cluster-port", Integer.toString(busPort),
            "--cluster-require-full-coverage", "no",
            "--cluster-node-timeout", "2000",
            "--cluster-replica-validity-factor", "0"
        };
    }

    private static int firstSlot(int master, int count) {
        return SLOTS * master / count;
    }

    private Path folder(int master) {
        return data.resolve("master-" + master);
    }

    /// Until every master knows who has what.
    private void awaitWhole() {
        await("the cluster is whole", () -> masters.stream().allMatch(this::knowsAll));
    }

    private static void await(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not after %s: %s".formatted(PATIENCE, what));
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private boolean knowsAll(EmbeddedRedis node) {
        return IntStream.range(0, masters.size()).allMatch(i -> knows(node, keyOn(i)));
    }

    private static boolean knows(EmbeddedRedis node, String key) {
        try {
            node.command("GET " + key);
            return true;
        } catch (UncheckedIOException e) {
            return String.valueOf(e.getCause()).contains("MOVED");
        }
    }

    private String keyOn(int master) {
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

    public void kill(int master) {
        masters.get(master).kill();
    }

    /// The same node with nothing in it: its place in the cluster is all that it knows.
    public void restartEmpty(int master) {
        delete(folder(master).resolve("appendonlydir"));
        masters.get(master).restart();
        awaitWhole();
    }

    /// A node that copies this master, and has all of it when this returns.
    public void addReplica(int master) {
        var replica = node("replica-" + master, FreePorts.next());
        replicas.put(master, replica);
        meet(replica);
        await("it knows its master", () -> knows(replica, keyOn(master)));
        replica.command("CLUSTER REPLICATE " + idOf(master));
        await("it has a copy", () -> masters.get(master).command("WAIT 1 100").equals(":1"));
    }

    /// What the master stores from now on, its replica does not get.
    public void holdUpReplica(int master) {
        replica(master).freeze();
        masters.get(master).command("CLIENT KILL TYPE replica");
    }

    /// The master is killed, and its replica takes its place as it is.
    public EmbeddedRedis failOver(int master) {
        masters.get(master).kill();
        var replica = replica(master);
        replica.thaw();
        await("the replica is a master", () -> serves(replica, keyOn(master)));
        return replica;
    }

    private EmbeddedRedis replica(int master) {
        return Objects.requireNonNull(replicas.get(master), "a master without a replica");
    }

    private static boolean serves(EmbeddedRedis node, String key) {
        try {
            node.command("GET " + key);
            return true;
        } catch (UncheckedIOException _) {
            return false;
        }
    }

    /// With what it had; whatever it is to the others by now.
    public void restart(int master) {
        masters.get(master).restart();
        awaitWhole();
    }

    public EmbeddedRedis master(int master) {
        return masters.get(master);
    }

    /// As it says itself in the file that it keeps about the cluster.
    private String idOf(int master) {
        try (var lines = Files.lines(folder(master).resolve("nodes.conf"))) {
            return lines.filter(line -> line.contains("myself"))
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException("what a node knows of itself", e);
        }
    }

    @Override
    public String kafka() {
        return forked.kafka();
    }

    @Override
    public String redisUrl() {
        return String.join(",", masters.stream().map(EmbeddedRedis::url).toList());
    }

    @Override
    public Broken kafkaServer() {
        return forked.kafkaServer();
    }

    /// There is not the one.
    @Override
    public Broken redisServer() {
        throw new UnsupportedOperationException("a cluster has several servers");
    }

    @Override
    public void flushRedis() {
        masters.forEach(EmbeddedRedis::flushAll);
    }

    @Override
    public void close() {
        masters.forEach(EmbeddedRedis::close);
        replicas.values().forEach(EmbeddedRedis::close);
        delete(data);
        forked.close();
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be removed", e);
        }
    }
}
