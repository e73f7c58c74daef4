package io.switchboard.quickstart;

import io.switchboard.operator.TopicsPlan;
import io.switchboard.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;

/// Everything on this machine, each part a process: Redis and Kafka, then dispatchers, edges and
/// the front door as soon as the topics exist.
///
/// Thread-safe once started.
final class LocalCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Small and quick to start: this is one machine, shared by all of them.
    private static final List<String> JVM_FLAGS =
            List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /// @param kafka bootstrap servers of an existing Kafka instead of our own
    /// @param redis URL of an existing Redis instead of our own
    record Plan(
            DataFolder data,
            Path apps,
            Ports ports,
            int lanes,
            Optional<String> kafka,
            Optional<String> redis) {}

    private final Plan plan;
    private final Consumer<Part> onReady;
    private final List<Part> infrastructure = new ArrayList<>();
    private final List<Part> dispatchers = new ArrayList<>();
    private final List<Part> edges = new ArrayList<>();
    private final List<Part> frontDoors = new ArrayList<>();
    private List<TopicsPlan.Outcome> topics = List.of();

    private LocalCluster(Plan plan, Consumer<Part> onReady) {
        this.plan = plan;
        this.onReady = onReady;
    }

    /// Returns when every part is ready; when one fails, those that run are stopped.
    ///
    /// @param onReady told of each part, by the thread that waited for it
    /// @throws ProcessFailed when a part ended or took too long
    static LocalCluster start(Plan plan, Consumer<Part> onReady) {
        var cluster = new LocalCluster(plan, onReady);
        try {
            cluster.startInfrastructure();
            cluster.startParts();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            ClassArchive.forget();
            throw e;
        }
    }

    String kafka() {
        return plan.kafka().orElse("127.0.0.1:" + plan.ports().kafka());
    }

    String redis() {
        return plan.redis().orElse("redis://127.0.0.1:" + plan.ports().redis());
    }

    String frontDoor() {
        return "http://127.0.0.1:" + plan.ports().frontDoor().port();
    }

    /// What browsers connect to.
    List<String> edges() {
        return plan.ports().edges().stream()
                .map(each -> "ws://127.0.0.1:%d/ws".formatted(each.port()))
                .toList();
    }

    Ports ports() {
        return plan.ports();
    }

    /// What was found and made in Kafka.
    List<TopicsPlan.Outcome> topics() {
        return topics;
    }

    ManagedProcess edge(int index) {
        return edges.get(index).process();
    }

    List<Part> parts() {
        var all = new ArrayList<>(infrastructure);
        all.addAll(dispatchers);
        all.addAll(edges);
        all.addAll(frontDoors);
        return all;
    }

    /// From the entrance inwards: nobody is left talking to somebody who has gone.
    @Override
    public void close() {
        for (var stage : List.of(frontDoors, dispatchers, edges, infrastructure)) {
            stage.parallelStream().forEach(each -> each.process().close());
        }
    }

    private void startInfrastructure() {
        if (plan.redis().isEmpty()) {
            var redis =
                    EmbeddedRedis.start(plan.ports().redis(), plan.data().redis(), log("redis"));
            infrastructure.add(new Part(redis.process(), redis::awaitReady));
        }
        if (plan.kafka().isEmpty()) {
            var kafka =
                    EmbeddedKafka.start(
                            plan.ports().kafka(),
                            plan.data().kafka(),
                            log("kafka"),
                            ClassArchive.keep("kafka"));
            infrastructure.add(new Part(kafka.process(), kafka::awaitReady));
        }
        awaitReady(infrastructure);
        try (var admin = Admin.create(Map.of("bootstrap.servers", kafka()))) {
            topics = new TopicsPlan(Topics.EVENTS, plan.lanes(), Optional.empty()).apply(admin);
        }
    }

    private void startParts() {
        var ports = plan.ports();
        for (var i = 0; i < ports.dispatcherAdmins().size(); i++) {
            dispatchers.add(
                    part(
                            JavaModule.DISPATCHER,
                            "dispatcher-" + (i + 1),
                            archive("dispatcher", i, ports.dispatcherAdmins().size()),
                            ports.dispatcherAdmins().get(i),
                            List.of("--redis", redis(), "--id", "dispatcher-" + (i + 1))));
        }
        for (var i = 0; i < ports.edges().size(); i++) {
            var each = ports.edges().get(i);
            var id = "edge-" + (i + 1);
            edges.add(
                    part(
                            JavaModule.EDGE,
                            id,
                            archive("edge", i, ports.edges().size()),
                            each.admin(),
                            List.of(
                                    "--redis",
                                    redis(),
                                    "--id",
                                    id,
                                    "--port",
                                    Integer.toString(each.port()),
                                    "--drain-seconds",
                                    "1")));
        }
        frontDoors.add(
                part(
                        JavaModule.PRODUCER,
                        "front-door",
                        archive("front-door", 0, 1),
                        ports.frontDoor().admin(),
                        List.of(
                                "--redis",
                                redis(),
                                "--port",
                                Integer.toString(ports.frontDoor().port()))));
        var started = new ArrayList<>(dispatchers);
        started.addAll(edges);
        started.addAll(frontDoors);
        awaitReady(started);
    }

    /// The last of its kind keeps the archive: the first may be killed.
    private static List<String> archive(String kind, int index, int of) {
        return index == of - 1 ? ClassArchive.keep(kind) : ClassArchive.read(kind);
    }

    private Part part(
            JavaModule module,
            String name,
            List<String> archiveFlags,
            int adminPort,
            List<String> more) {
        var flags = new ArrayList<>(JVM_FLAGS);
        flags.addAll(archiveFlags);
        var arguments = new ArrayList<String>();
        arguments.addAll(List.of("--kafka", kafka()));
        arguments.addAll(List.of("--apps", plan.apps().toString()));
        if (module != JavaModule.EDGE) {
            arguments.addAll(List.of("--cluster-key-file", plan.data().clusterKey().toString()));
        }
        arguments.addAll(List.of("--admin-port", Integer.toString(adminPort)));
        arguments.addAll(more);
        var process =
                ManagedProcess.start(
                        new ManagedProcess.Command(
                                name, module.command(flags, arguments), log(name)));
        return new Part(process, () -> process.awaitReady(PATIENCE));
    }

    private Path log(String name) {
        return plan.data().logs().resolve(name + ".log");
    }

    /// The first that fails ends the waiting for the others.
    private void awaitReady(List<Part> parts) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ready = new ExecutorCompletionService<Part>(threads);
            for (var each : parts) {
                ready.submit(
                        () -> {
                            each.awaitReady().run();
                            onReady.accept(each);
                            return each;
                        });
            }
            try {
                for (var i = 0; i < parts.size(); i++) {
                    ready.take().get();
                }
            } catch (ExecutionException e) {
                threads.shutdownNow();
                throw e.getCause() instanceof ProcessFailed failed
                        ? failed
                        : new IllegalStateException("a part cannot be awaited", e);
            } catch (InterruptedException _) {
                threads.shutdownNow();
                Thread.currentThread().interrupt();
                throw new ProcessFailed("interrupted while parts were starting");
            }
        }
    }
}
