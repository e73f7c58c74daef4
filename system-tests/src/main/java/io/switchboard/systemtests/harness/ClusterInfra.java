package io.switchboard.systemtests.harness;

import io.switchboard.quickstart.EmbeddedCluster;
import io.switchboard.quickstart.EmbeddedRedis;
import io.switchboard.quickstart.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// A broker, and a Redis Cluster of several masters, without replicas unless one is asked for.
///
/// Thread-safe.
public final class ClusterInfra implements Infra {
    private final ForkedInfra forked;
    private final Path data;
    private final Path logs;
    private final EmbeddedCluster cluster;
    private final Map<Integer, EmbeddedRedis> replicas = new HashMap<>();

    private ClusterInfra(ForkedInfra forked, Path data, Path logs, int masters) {
        this.forked = forked;
        this.data = data;
        this.logs = logs;
        this.cluster =
                EmbeddedCluster.form(
                        masters, (number, settings) -> node("master-" + number, settings));
    }

    public static ClusterInfra start(Path logs, int masters) {
        try {
            return new ClusterInfra(
                    ForkedInfra.start(logs),
                    Files.createTempDirectory("switchboard-cluster"),
                    logs,
                    masters);
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the cluster's data", e);
        }
    }

    private EmbeddedRedis node(String name, String... settings) {
        var log = logs.resolve("redis-%s.log".formatted(name));
        return EmbeddedRedis.start(FreePorts.next(), data.resolve(name), log, settings);
    }

    private Path folder(int master) {
        return data.resolve("master-" + master);
    }

    /// The master that has this lane's shard.
    public int masterOf(int lane) {
        return cluster.masterOf(lane);
    }

    public void kill(int master) {
        master(master).kill();
    }

    /// The same node with nothing in it: its place in the cluster is all that it knows.
    public void restartEmpty(int master) {
        delete(folder(master).resolve("appendonlydir"));
        master(master).restart();
        cluster.awaitWhole();
    }

    /// A node that copies this master, and has all of it when this returns.
    public void addReplica(int master) {
        var replica = node("replica-" + master, EmbeddedCluster.settings(FreePorts.next()));
        replicas.put(master, replica.awaitReady());
        cluster.meet(replica);
        EmbeddedCluster.await(
                "it knows its master", () -> EmbeddedCluster.knows(replica, cluster.keyOn(master)));
        replica.command("CLUSTER REPLICATE " + idOf(master));
        EmbeddedCluster.await(
                "it has a copy", () -> master(master).command("WAIT 1 100").equals(":1"));
    }

    /// What the master stores from now on, its replica does not get.
    public void holdUpReplica(int master) {
        replica(master).freeze();
        master(master).command("CLIENT KILL TYPE replica");
    }

    /// The master is killed, and its replica takes its place as it is.
    public EmbeddedRedis failOver(int master) {
        master(master).kill();
        var replica = replica(master);
        replica.thaw();
        EmbeddedCluster.await(
                "the replica is a master", () -> serves(replica, cluster.keyOn(master)));
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
        master(master).restart();
        cluster.awaitWhole();
    }

    public EmbeddedRedis master(int master) {
        return cluster.masters().get(master);
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
        return cluster.urls();
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
        cluster.masters().forEach(EmbeddedRedis::flushAll);
    }

    @Override
    public void close() {
        cluster.close();
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
