package io.switchboard.systemtests.harness;

import io.switchboard.quickstart.EmbeddedKafkaMain;
import io.switchboard.quickstart.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.IsRunningStartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;

/// Broker and Redis as containers, with the settings of the embedded ones. Which images:
/// `-Dsystem.kafka.image`, `-Dsystem.redis.image`.
///
/// Ports of the host are chosen beforehand and stay over a restart: the broker must tell its
/// clients where it is.
///
/// Thread-safe.
public final class ContainerInfra implements Infra {
    private static final String KAFKA_IMAGE =
            System.getProperty("system.kafka.image", "apache/kafka:4.4.0");
    private static final String REDIS_IMAGE =
            System.getProperty("system.redis.image", "redis:7.2-alpine");
    private static final int REDIS_PORT = 6379;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final int kafkaPort = FreePorts.next();
    private final int redisPort = FreePorts.next();
    private final GenericContainer<?> kafka = new GenericContainer<>(image(KAFKA_IMAGE));
    private final GenericContainer<?> redis = new GenericContainer<>(image(REDIS_IMAGE));

    private ContainerInfra() {
        publish(kafka, kafkaPort, kafkaPort);
        kafka.withEnv(variables(kafkaPort)).withStartupCheckStrategy(running());
        publish(redis, redisPort, REDIS_PORT);
        redis.withCommand(
                        "redis-server",
                        "--appendonly",
                        "yes",
                        "--save",
                        "",
                        "--protected-mode",
                        "no",
                        "--maxmemory-policy",
                        "noeviction",
                        "--stream-node-max-bytes",
                        "512")
                .withStartupCheckStrategy(running());
    }

    private static DockerImageName image(String name) {
        return DockerImageName.parse(name);
    }

    private static IsRunningStartupCheckStrategy running() {
        return new IsRunningStartupCheckStrategy();
    }

    private static void publish(GenericContainer<?> container, int host, int inside) {
        container.setPortBindings(List.of("127.0.0.1:%d:%d/tcp".formatted(host, inside)));
    }

    /// The images of Apache make `server.properties` of variables.
    private static Map<String, String> variables(int port) {
        var settings =
                new LinkedHashMap<>(
                        EmbeddedKafkaMain.settings(port, port + 1, Path.of("/var/lib/kafka/data")));
        settings.put("listeners", "PLAINTEXT://:%d,CONTROLLER://:%d".formatted(port, port + 1));
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        var variables = new LinkedHashMap<String, String>();
        settings.forEach(
                (name, value) ->
                        variables.put(
                                "KAFKA_" + name.replace('.', '_').toUpperCase(Locale.ROOT), value));
        return variables;
    }

    public static ContainerInfra start() {
        var infra = new ContainerInfra();
        try {
            infra.redis.start();
            infra.kafka.start();
            infra.awaitRedis();
            infra.awaitKafka();
            return infra;
        } catch (RuntimeException e) {
            infra.close();
            throw e;
        }
    }

    @Override
    public String kafka() {
        return "127.0.0.1:" + kafkaPort;
    }

    @Override
    public String redisUrl() {
        return "redis://127.0.0.1:" + redisPort;
    }

    @Override
    public Broken kafkaServer() {
        return broken(kafka, this::awaitKafka);
    }

    @Override
    public Broken redisServer() {
        return broken(redis, this::awaitRedis);
    }

    @Override
    public void flushRedis() {
        redisCli("FLUSHALL", "SYNC");
    }

    private static Broken broken(GenericContainer<?> container, Runnable awaitReady) {
        var docker = container.getDockerClient();
        return new Broken() {
            @Override
            public void kill() {
                docker.killContainerCmd(container.getContainerId()).exec();
            }

            @Override
            public void restart() {
                docker.startContainerCmd(container.getContainerId()).exec();
                awaitReady.run();
            }

            @Override
            public void freeze() {
                docker.pauseContainerCmd(container.getContainerId()).exec();
            }

            @Override
            public void thaw() {
                // As SIGCONT: nothing to whoever runs.
                var id = container.getContainerId();
                var state = docker.inspectContainerCmd(id).exec().getState();
                if (Boolean.TRUE.equals(state.getPaused())) {
                    docker.unpauseContainerCmd(id).exec();
                }
            }
        };
    }

    private void awaitRedis() {
        await("Redis", () -> redisCli("PING").contains("PONG"));
    }

    private void awaitKafka() {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers", kafka(),
                        "request.timeout.ms", "3000",
                        "default.api.timeout.ms", "3000");
        try (var admin = Admin.create(settings)) {
            await("Kafka", () -> !admin.describeCluster().nodes().get().isEmpty());
        }
    }

    private String redisCli(String... command) {
        var argv = new String[command.length + 1];
        argv[0] = "redis-cli";
        System.arraycopy(command, 0, argv, 1, command.length);
        try {
            return redis.execInContainer(argv).getStdout();
        } catch (IOException e) {
            throw new UncheckedIOException("redis-cli in " + redis.getContainerId(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Redis", e);
        }
    }

    private interface Question {
        boolean ask() throws InterruptedException, ExecutionException;
    }

    private static void await(String what, Question ready) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isYes(ready)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(what + " did not answer within " + PATIENCE);
            }
        }
    }

    private static boolean isYes(Question ready) {
        try {
            if (ready.ask()) {
                return true;
            }
            Thread.sleep(200);
        } catch (ExecutionException _) {
            // not yet
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", e);
        }
        return false;
    }

    @Override
    public void close() {
        kafka.stop();
        redis.stop();
    }
}
