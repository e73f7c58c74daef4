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
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/// A broker, and a Redis Cluster of several masters without replicas. A cluster that lacks some of
/// its slots serves the others.
///
/// Thread-safe.
public final class ClusterInfra implements Infra {
    private static final int SLOTS = 16_384;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ForkedInfra forked;
    private final Path data;
    private final List<EmbeddedRedis> masters = new ArrayList<>();

    private ClusterInfra(ForkedInfra forked, Path data) {
        this.forked = forked;
        this.data = data;
    }

    public static ClusterInfra start(Path logs, int masters) {
        try {
            var infra =
                    new ClusterInfra(
                            ForkedInfra.start(logs),
                            Files.createTempDirectory("switchboard-cluster"));
            infra.form(logs, masters);
            return infra;
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the cluster's data", e);
        }
    }

    private void form(Path logs, int count) {
        var busPorts = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            busPorts.add(FreePorts.next());
            var log = logs.resolve("redis-master-%d.log".formatted(i));
            masters.add(
                    EmbeddedRedis.start(FreePorts.next(), folder(i), log, settings(busPorts.get(i)))
                            .awaitReady());
            masters.get(i)
                    .command(
                            "CLUSTER ADDSLOTSRANGE %d %d"
                                    .formatted(firstSlot(i, count), firstSlot(i + 1, count) - 1));
        }
        for (int i = 1; i < count; i++) {
            masters.get(i)
                    .command(
                            "CLUSTER MEET 127.0.0.1 %d %d"
                                    .formatted(masters.getFirst().port(), busPorts.getFirst()));
        }
        awaitWhole();
    }

    private static String[] settings(int busPort) {
        return new String[] {
            "--cluster-enabled", "yes",
            "--cluster-port", Integer.toString(busPort),
            "--cluster-require-full-coverage", "no",
            "--cluster-node-timeout", "2000"
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
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!masters.stream().allMatch(this::knowsAll)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the cluster is not whole after " + PATIENCE);
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
