package io.switchboard.systemtests.harness;

import io.switchboard.quickstart.FreePorts;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.quickstart.ManagedProcess;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;

/// Dispatchers, edge nodes and a front door, as real processes on a real Kafka and Redis.
///
/// Thread-safe.
public final class SwitchboardSystem implements AutoCloseable {
    private static final int APPS = 100;
    private static final Duration TOOL_PATIENCE = Duration.ofSeconds(60);

    /// @param logs folder for one log per process; they stay
    /// @param kafka what a process is told of Kafka, by its id: a relay may stand there
    /// @param redisUrl the same of Redis
    /// @param flags more of them, by a process's id
    /// @param release of which everything is started, and the topics are made
    public record Plan(
            Infra infra,
            Path logs,
            int dispatchers,
            int edges,
            int lanes,
            Route kafka,
            Route redisUrl,
            Function<String, List<String>> flags,
            Release release) {
        public static Plan of(Infra infra, Path logs, int dispatchers, int edges) {
            return new Plan(
                    infra,
                    logs,
                    dispatchers,
                    edges,
                    4,
                    _ -> infra.kafka(),
                    _ -> infra.redisUrl(),
                    _ -> List.of(),
                    Release.current());
        }

        public Plan through(Route kafkaRoute, Route redisRoute) {
            return new Plan(
                    infra, logs, dispatchers, edges, lanes, kafkaRoute, redisRoute, flags, release);
        }

        public Plan withLanes(int count) {
            return new Plan(
                    infra, logs, dispatchers, edges, count, kafka, redisUrl, flags, release);
        }

        public Plan with(Function<String, List<String>> moreFlags) {
            return new Plan(
                    infra, logs, dispatchers, edges, lanes, kafka, redisUrl, moreFlags, release);
        }

        public Plan of(Release first) {
            return new Plan(infra, logs, dispatchers, edges, lanes, kafka, redisUrl, flags, first);
        }
    }

    /// How a process reaches something.
    public interface Route {
        String urlFor(String id);
    }

    private final Plan plan;
    private final Path files;
    private final List<Node> dispatchers = new ArrayList<>();
    private final List<Node> edges = new ArrayList<>();
    private final AtomicInteger apps = new AtomicInteger();
    private final AtomicInteger tools = new AtomicInteger();
    private final Node frontDoor;
    private final EventsTopic topic;

    private SwitchboardSystem(Plan plan, Path files) {
        this.plan = plan;
        this.files = files;
        createTopics();
        topic = resolveTopic();
        for (int i = 1; i <= plan.dispatchers; i++) {
            dispatchers.add(start(JavaModule.DISPATCHER, "dispatcher-" + i, 0, List.of()));
        }
        for (int i = 1; i <= plan.edges; i++) {
            edges.add(start(JavaModule.EDGE, "edge-" + i, FreePorts.next(), List.of()));
        }
        frontDoor = start(JavaModule.PRODUCER, "front-door", FreePorts.next(), List.of());
        nodes().forEach(Node::awaitReady);
    }

    public static SwitchboardSystem start(Plan plan) {
        try {
            Files.createDirectories(plan.logs);
            var files = Files.createTempDirectory("switchboard-system");
            var key = new byte[32];
            new SecureRandom().nextBytes(key);
            Files.writeString(
                    files.resolve("cluster.key"), Base64.getEncoder().encodeToString(key) + "\n");
            Files.write(files.resolve("apps.yaml"), TestApp.appsFile(APPS));
            return new SwitchboardSystem(plan, files);
        } catch (IOException e) {
            throw new UncheckedIOException("no files for a system", e);
        }
    }

    /// The one that all tests of this JVM share. Whoever breaks it heals it ([#heal]).
    public static SwitchboardSystem shared() {
        return Shared.SYSTEM;
    }

    private static final class Shared {
        static final SwitchboardSystem SYSTEM = start();

        private static SwitchboardSystem start() {
            var logs = Path.of("target", "system-logs", "shared");
            var infra = infra(logs);
            var system = SwitchboardSystem.start(Plan.of(infra, logs, 2, 2));
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(
                                    () -> {
                                        system.close();
                                        infra.close();
                                    },
                                    "shared system"));
            return system;
        }

        /// `-Dsystem.infra=containers`: on whatever Docker engine answers.
        private static Infra infra(Path logs) {
            return System.getProperty("system.infra", "forked").equals("containers")
                    ? ContainerInfra.start()
                    : ForkedInfra.start(logs);
        }
    }

    public Infra infra() {
        return plan.infra;
    }

    public EventsTopic topic() {
        return topic;
    }

    public List<Node> dispatchers() {
        return List.copyOf(dispatchers);
    }

    public List<Node> edges() {
        return List.copyOf(edges);
    }

    public Node frontDoor() {
        return frontDoor;
    }

    public List<Node> nodes() {
        var nodes = new ArrayList<>(dispatchers);
        nodes.addAll(edges);
        nodes.add(frontDoor);
        return nodes;
    }

    public URI frontDoorUrl() {
        return URI.create("http://127.0.0.1:" + frontDoor.port());
    }

    public static URI webSocketUrl(Node edge) {
        return URI.create("ws://127.0.0.1:%d/ws".formatted(edge.port()));
    }

    public Path appsFile() {
        return files.resolve("apps.yaml");
    }

    /// Whole or not at all, as whoever reads it meanwhile must find it.
    public void writeApps(String content) {
        try {
            var next = Files.writeString(files.resolve("apps.next"), content);
            Files.move(next, appsFile(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("no apps file", e);
        }
    }

    public Path clusterKeyFile() {
        return files.resolve("cluster.key");
    }

    /// An app that nobody else uses.
    public TestApp newApp() {
        int number = apps.incrementAndGet();
        if (number > APPS) {
            throw new IllegalStateException(
                    "apps: %d used (expected: at most that)".formatted(APPS));
        }
        return TestApp.nth(number);
    }

    /// One more process, with flags of its own; whoever starts it closes it.
    public Node startMore(JavaModule module, String id, String... flags) {
        int port = module == JavaModule.DISPATCHER ? 0 : FreePorts.next();
        var node = start(module, id, port, List.of(flags));
        node.awaitReady();
        return node;
    }

    /// Starts again what was killed, and waits until it is ready.
    public void heal() {
        for (var node : nodes()) {
            if (!node.isAlive()) {
                node.restart();
            }
        }
    }

    /// In good order, all at once; returns when their group is empty.
    public void stopDispatchers() {
        dispatchers.parallelStream().forEach(Node::stop);
        try (var group = group()) {
            group.awaitEmpty();
        }
    }

    public void startDispatchers() {
        dispatchers.parallelStream().filter(node -> !node.isAlive()).forEach(Node::restart);
    }

    public DispatcherGroup group() {
        return DispatcherGroup.of(this);
    }

    public Map<String, Object> kafkaSettings(String clientId) {
        return Map.of("bootstrap.servers", plan.infra.kafka(), "client.id", clientId);
    }

    @Override
    public void close() {
        nodes().parallelStream().forEach(Node::close);
    }

    private Node start(JavaModule module, String id, int port, List<String> more) {
        var arguments = new ArrayList<String>();
        arguments.addAll(List.of("--kafka", plan.kafka.urlFor(id)));
        arguments.addAll(List.of("--apps", appsFile().toString()));
        if (module != JavaModule.EDGE) {
            arguments.addAll(
                    List.of("--cluster-key-file", files.resolve("cluster.key").toString()));
        }
        arguments.addAll(List.of("--redis", plan.redisUrl.urlFor(id)));
        arguments.addAll(List.of("--id", id));
        if (port != 0) {
            arguments.addAll(List.of("--port", Integer.toString(port)));
        }
        arguments.addAll(plan.flags.apply(id));
        arguments.addAll(more);
        return Node.start(plan.release, module, id, port, arguments, plan.logs);
    }

    private void createTopics() {
        runTool(plan.release, "topics", "create", "--lanes", Integer.toString(plan.lanes));
    }

    /// Runs one of the product's own tools to its end; what it printed.
    ///
    /// @param arguments but for the Kafka's address
    public String runTool(String... arguments) {
        return runTool(Release.current(), arguments);
    }

    public String runTool(Release release, String... arguments) {
        try (var tool = startTool(release, arguments)) {
            if (!tool.awaitExit(TOOL_PATIENCE) || tool.exitCode() != 0) {
                throw new IllegalStateException(
                        "%s did not succeed; see %s"
                                .formatted(List.of(arguments), tool.log().toAbsolutePath()));
            }
            return Files.readString(tool.log());
        } catch (IOException e) {
            throw new UncheckedIOException("no output of " + List.of(arguments), e);
        }
    }

    /// Its log is a file of its own.
    public ManagedProcess startTool(String... arguments) {
        return startTool(Release.current(), arguments);
    }

    private ManagedProcess startTool(Release release, String... arguments) {
        var name = "tool-%d-%s".formatted(tools.incrementAndGet(), arguments[0]);
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--kafka", plan.infra.kafka()));
        return ManagedProcess.start(
                new ManagedProcess.Command(
                        name,
                        JavaModule.OPERATOR.command(
                                release.checkout(), List.of("-XX:TieredStopAtLevel=1"), all),
                        plan.logs.resolve(name + ".log")));
    }

    /// What tools that write events need besides.
    public List<String> appsAndKey() {
        return List.of(
                "--apps",
                appsFile().toString(),
                "--cluster-key-file",
                files.resolve("cluster.key").toString());
    }

    private EventsTopic resolveTopic() {
        try (var admin = Admin.create(kafkaSettings("system-tests"))) {
            return EventsTopic.resolve(admin, Topics.EVENTS);
        }
    }
}
