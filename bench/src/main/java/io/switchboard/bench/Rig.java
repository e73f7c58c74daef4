package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.operator.TopicsPlan;
import io.switchboard.quickstart.EmbeddedCluster;
import io.switchboard.quickstart.EmbeddedKafka;
import io.switchboard.quickstart.EmbeddedRedis;
import io.switchboard.quickstart.FreePorts;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.quickstart.ManagedProcess;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

/// One machine's worth of everything, each part a process: Kafka and Redis, the system, and the
/// baselines beside it on the same Kafka.
///
/// Owned by the case that started it.
final class Rig implements AutoCloseable {
    static final String APP = "bench";
    static final String ROLE = "everyone";
    static final String URL = "/bench";
    static final String CHAT_TOKEN = "a chat token of the bench";
    static final String SECRET = "a secret of the bench, longer than thirty-two bytes";

    /// Entries that an inbox holds: more than any case lets wait, but for the one that asks for it.
    static final int CAP = 10_000;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// The broker serves baseline and system alike; its own compiler may take its time. If it is
    /// asked for its counts ([Asked]), it answers on loopback.
    private static final List<String> KAFKA_FLAGS =
            List.of("-XX:TieredStopAtLevel=4", "-Djava.rmi.server.hostname=127.0.0.1");

    /// @param redisNodes one server, or the masters of a cluster
    /// @param receipts level of the route: none, failures or all
    /// @param jvm flags of the system's and the baselines' processes
    record Plan(int lanes, int redisNodes, String receipts, List<String> jvm) {
        static final Plan DEFAULT = new Plan(8, 1, "failures", List.of("-Xmx512m"));

        Plan withLanes(int lanes) {
            return new Plan(lanes, redisNodes, receipts, jvm);
        }

        Plan withRedisNodes(int redisNodes) {
            return new Plan(lanes, redisNodes, receipts, jvm);
        }
    }

    private final Plan plan;
    private final Path logs;
    private final Path files;
    private final EmbeddedKafka kafka;
    private final Admin admin;
    private @Nullable EmbeddedRedis redis;
    private @Nullable EmbeddedCluster cluster;
    private @Nullable EventsTopic topic;
    private @Nullable Asked asked;
    private final Map<String, ManagedProcess> processes = new LinkedHashMap<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    private Rig(Plan plan, Path logs, Path files) throws IOException {
        this.plan = plan;
        this.logs = logs;
        this.files = files;
        Files.writeString(files.resolve("apps.yaml"), apps(plan.receipts));
        Files.writeString(
                files.resolve("cluster.key"), "YmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmU=\n");
        kafka =
                EmbeddedKafka.start(
                        FreePorts.next(), files.resolve("kafka"), log("kafka"), KAFKA_FLAGS);
        opened.add(kafka);
        kafka.awaitReady();
        processes.put("kafka", kafka.process());
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()));
        opened.add(admin);
    }

    static Rig start(Plan plan) {
        try {
            return new Rig(plan, logs(), Files.createTempDirectory("switchboard-bench"));
        } catch (IOException e) {
            throw new UncheckedIOException("no files for a bench", e);
        }
    }

    static Path logs() throws IOException {
        return Files.createDirectories(JavaModule.checkout().resolve("bench/target/logs"));
    }

    String kafka() {
        return kafka.bootstrap();
    }

    Plan plan() {
        return plan;
    }

    /// Every part that runs, by its name.
    Map<String, ManagedProcess> processes() {
        return processes;
    }

    ManagedProcess process(String name) {
        var process = processes.get(name);
        if (process == null) {
            throw new IllegalArgumentException(
                    "'%s' does not run (expected: one of %s)".formatted(name, processes.keySet()));
        }
        return process;
    }

    /// What that process says of itself when it is ready.
    ObjectNode readiness(String name) {
        return process(name).awaitReady(PATIENCE);
    }

    /// Of this run: it ends with it.
    Path file(String name) {
        return files.resolve(name);
    }

    Path log(String name) {
        return logs.resolve(name + ".log");
    }

    // --- the system

    /// The only server; not for a plan of several.
    EmbeddedRedis startRedis() {
        if (redis == null) {
            redis = redis("redis");
            opened.add(redis);
            redis.awaitReady();
            processes.put("redis", redis.process());
        }
        return redis;
    }

    /// The masters of a plan of several.
    EmbeddedCluster startCluster() {
        if (cluster == null) {
            cluster =
                    EmbeddedCluster.form(
                            plan.redisNodes,
                            (number, settings) -> redis("redis-" + (number + 1), settings));
            opened.add(cluster);
            for (int i = 0; i < plan.redisNodes; i++) {
                processes.put("redis-" + (i + 1), cluster.masters().get(i).process());
            }
        }
        return cluster;
    }

    private EmbeddedRedis redis(String name, String... settings) {
        int port = FreePorts.next();
        var data = files.resolve(name);
        return RedisServer.installed()
                .map(server -> EmbeddedRedis.start(server, port, data, log(name), settings))
                .orElseGet(() -> EmbeddedRedis.start(port, data, log(name), settings));
    }

    /// The one server, or the cluster's masters, running.
    List<EmbeddedRedis> redisNodes() {
        return plan.redisNodes == 1 ? List.of(startRedis()) : startCluster().masters();
    }

    List<String> redisUrls() {
        return redisNodes().stream().map(EmbeddedRedis::url).toList();
    }

    /// What Kafka and Redis count; both run when this is first asked.
    Asked asked() throws IOException {
        if (asked == null) {
            asked = new Asked(this);
            opened.add(asked);
        }
        return asked;
    }

    EventsTopic topic() {
        if (topic == null) {
            new TopicsPlan(Topics.EVENTS, plan.lanes, Optional.empty()).apply(admin);
            topic = EventsTopic.resolve(admin, Topics.EVENTS);
        }
        return topic;
    }

    /// @return the edges' ports
    List<Integer> startSystem(int dispatchers, int edges) {
        redisNodes();
        topic();
        var ports = new ArrayList<Integer>();
        var started = new ArrayList<ManagedProcess>();
        for (int i = 1; i <= dispatchers; i++) {
            started.add(startDispatcher("dispatcher-" + i));
        }
        for (int i = 1; i <= edges; i++) {
            int port = FreePorts.next();
            ports.add(port);
            started.add(startEdge("edge-" + i, port));
        }
        started.forEach(each -> each.awaitReady(PATIENCE));
        return ports;
    }

    /// Does not wait until it is ready.
    ManagedProcess startDispatcher(String id) {
        return startOurs(JavaModule.DISPATCHER, id, List.of(), withKey(List.of()));
    }

    private List<String> withKey(List<String> arguments) {
        var all = new ArrayList<>(arguments);
        all.addAll(List.of("--cluster-key-file", files.resolve("cluster.key").toString()));
        return all;
    }

    /// @return the port at which it takes events
    int startFrontDoor() {
        int port = FreePorts.next();
        var arguments = List.of("--port", Integer.toString(port));
        startOurs(JavaModule.PRODUCER, "front-door", List.of(), withKey(arguments))
                .awaitReady(PATIENCE);
        return port;
    }

    /// Does not wait until it is ready.
    ManagedProcess startEdge(String id, int port) {
        return startOurs(JavaModule.EDGE, id, List.of(), List.of("--port", Integer.toString(port)));
    }

    /// As [#startEdge], with JVM flags of its own and a short drain.
    ManagedProcess startShortLivedEdge(String id, int port, List<String> jvm) {
        return startOurs(
                JavaModule.EDGE,
                id,
                jvm,
                List.of("--port", Integer.toString(port), "--drain-seconds", "1"));
    }

    private ManagedProcess startOurs(
            JavaModule module, String id, List<String> jvm, List<String> more) {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--kafka",
                                kafka(),
                                "--redis",
                                String.join(",", redisUrls()),
                                "--apps",
                                files.resolve("apps.yaml").toString(),
                                "--id",
                                id));
        arguments.addAll(more);
        var flags = new ArrayList<>(plan.jvm);
        flags.addAll(jvm);
        var process =
                ManagedProcess.start(
                        new ManagedProcess.Command(id, module.command(flags, arguments), log(id)));
        opened.add(process);
        processes.put(id, process);
        return process;
    }

    // --- the baselines

    void createTopic(String name, int partitions) {
        try {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("topic " + name, e);
        }
    }

    Child startChild(String name, String main, List<String> flags, List<String> arguments) {
        var child =
                Child.start(name, "io.switchboard.bench.far." + main, flags, arguments, log(name));
        opened.add(child);
        processes.put(name, child.process());
        return child;
    }

    /// Any other process; does not wait until it is ready.
    ManagedProcess startProcess(String name, List<String> argv) {
        var process = ManagedProcess.start(new ManagedProcess.Command(name, argv, log(name)));
        opened.add(process);
        processes.put(name, process);
        return process;
    }

    /// Closed with the rig.
    void opened(AutoCloseable resource) {
        opened.add(resource);
    }

    @Override
    public void close() {
        for (var each : opened.reversed()) {
            try {
                each.close();
            } catch (Exception e) {
                System.err.println(e);
            }
        }
        try (var all = Files.walk(files)) {
            for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println(files + " cannot be removed: " + e.getMessage());
        }
    }

    private static String apps(String receipts) {
        return """
               apps:
                 %s:
                   roles: [%s]
                   producers:
                     token_sha256: [%s]
                   jwt:
                     algorithm: HS256
                     secret: "%s"
               routes:
                 %s:
                   event: Bench
                   receipts: %s
                   cap: {entries: %d, bytes: 10MiB}
               """
                .formatted(APP, ROLE, sha256(CHAT_TOKEN), SECRET, URL, receipts, CAP);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
