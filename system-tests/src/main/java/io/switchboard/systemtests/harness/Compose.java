package io.switchboard.systemtests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// docker-compose.yml as its readers run it, under a project name of its own; closed, nothing of it
/// is left. The images' names come from the environment, as compose takes them.
///
/// Thread-safe.
public final class Compose implements AutoCloseable {
    private static final Duration BUILD_PATIENCE = Duration.ofMinutes(15);
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Path file;
    private final Path log;
    private final Map<String, String> environment = new LinkedHashMap<>();

    private Compose(Path checkout, Path folder) throws IOException {
        this.file = checkout.resolve("docker-compose.yml");
        this.log = folder.resolve("compose.log");
        Files.createDirectories(folder);
        var apps = folder.resolve("apps.yaml");
        Files.write(apps, TestApp.appsFile(1));
        var key = new byte[32];
        new SecureRandom().nextBytes(key);
        environment.put("COMPOSE_PROJECT_NAME", "switchboardtest");
        environment.put("SWITCHBOARD_APPS_FILE", apps.toAbsolutePath().toString());
        environment.put("SWITCHBOARD_CLUSTER_KEY", Base64.getEncoder().encodeToString(key));
        environment.put("DOCKER_BUILDKIT", "0");
        environment.put("COMPOSE_DOCKER_CLI_BUILD", "0");
    }

    /// Builds the images and starts everything; returns when edges and front door are ready.
    public static Compose up(Path checkout, Path folder) {
        try {
            var compose = new Compose(checkout, folder);
            try {
                compose.run(BUILD_PATIENCE, "build", "--quiet");
                compose.run(PATIENCE, "up", "--detach", "--no-build");
                List.of(9180, 9181, 9182).forEach(compose::awaitReady);
                return compose;
            } catch (RuntimeException | Error e) {
                compose.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no files for " + folder, e);
        }
    }

    public FrontDoor frontDoor() {
        return new FrontDoor(URI.create("http://127.0.0.1:9080"));
    }

    public List<URI> edges() {
        return List.of(URI.create("ws://127.0.0.1:9081/ws"), URI.create("ws://127.0.0.1:9082/ws"));
    }

    public TestApp app() {
        return TestApp.nth(1);
    }

    /// SIGKILL; docker starts it again only when told.
    public void kill(String service) {
        run(PATIENCE, "kill", "-s", "SIGKILL", service);
    }

    /// SIGTERM; the exit code of its orderly end is in the log.
    public void stop(String service) {
        run(PATIENCE, "stop", service);
    }

    public void start(String service) {
        run(PATIENCE, "start", service);
    }

    public void awaitReady(int adminPort) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!isReady(adminPort)) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "port %d: GET /ready not 200 within %s; see %s"
                                    .formatted(adminPort, PATIENCE, log));
                }
                Thread.sleep(300);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + adminPort, e);
        }
    }

    private static boolean isReady(int adminPort) {
        try {
            var url = URI.create("http://127.0.0.1:%d/ready".formatted(adminPort)).toURL();
            var asking = (HttpURLConnection) url.openConnection();
            asking.setConnectTimeout(3_000);
            asking.setReadTimeout(3_000);
            return asking.getResponseCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    /// What the containers wrote goes beside compose's own words; then all is removed, volumes too.
    @Override
    public void close() {
        try {
            run(PATIENCE, "logs", "--no-color");
        } finally {
            run(PATIENCE, "down", "--volumes", "--remove-orphans", "--timeout", "20");
        }
    }

    private void run(Duration patience, String... arguments) {
        var command = new ArrayList<>(List.of("docker-compose", "-f", file.toString()));
        command.addAll(List.of(arguments));
        var builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            var process = builder.start();
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "%s: not done within %s; see %s".formatted(command, patience, log));
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException(
                        "%s: exit code %d; see %s".formatted(command, process.exitValue(), log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("docker-compose cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(command + ": interrupted", e);
        }
    }
}
