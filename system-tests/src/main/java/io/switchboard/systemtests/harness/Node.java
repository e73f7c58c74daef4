package io.switchboard.systemtests.harness;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.quickstart.ManagedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// One process of ours. Started again, it has the same id and the same port, and may be of another
/// release.
///
/// Thread-safe; but of two callers who replace it at once, either may come last.
public final class Node implements AutoCloseable, Infra.Broken {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /// Several of these share a small machine.
    private static final List<String> JVM_FLAGS =
            List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final JavaModule module;
    private final String id;
    private final int port;
    private final List<String> arguments;
    private final Path logs;
    private volatile ManagedProcess process;

    private Node(
            Release release,
            JavaModule module,
            String id,
            int port,
            List<String> arguments,
            Path logs) {
        this.module = module;
        this.id = id;
        this.port = port;
        this.arguments = List.copyOf(arguments);
        this.logs = logs;
        this.process = launch(release);
    }

    /// Does not wait until it is ready: several start at once.
    ///
    /// @param port that it was told to listen on; 0 when it has none
    /// @param logs folder for its log
    static Node start(
            Release release,
            JavaModule module,
            String id,
            int port,
            List<String> arguments,
            Path logs) {
        return new Node(release, module, id, port, arguments, logs);
    }

    private ManagedProcess launch(Release release) {
        return ManagedProcess.start(
                new ManagedProcess.Command(
                        id,
                        module.command(release.checkout(), JVM_FLAGS, arguments),
                        logs.resolve(id + release.suffix() + ".log")));
    }

    public String id() {
        return id;
    }

    public int port() {
        return port;
    }

    public Path log() {
        return process.log();
    }

    public ObjectNode awaitReady() {
        return process.awaitReady(PATIENCE);
    }

    public int adminPort() {
        return awaitReady().path("admin_port").asInt();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// Valid once it has ended.
    public int exitCode() {
        return process.exitCode();
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void freeze() {
        process.freeze();
    }

    @Override
    public void thaw() {
        process.thaw();
    }

    @Override
    public void restart() {
        process.restart();
        awaitReady();
    }

    /// Ends in good order, if it runs; then that release is in its place, and ready.
    public void become(Release release) {
        process.close();
        process = launch(release);
        awaitReady();
    }

    /// SIGTERM; the exit code of its orderly end.
    public int stop() {
        process.close();
        return process.exitCode();
    }

    @Override
    public void close() {
        process.close();
    }

    @Override
    public String toString() {
        return id;
    }
}
