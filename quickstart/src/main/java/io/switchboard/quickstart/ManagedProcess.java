package io.switchboard.quickstart;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A child process that can be killed, frozen and started again by the same command.
///
/// It never outlives us ([ProcessGuard]). What it writes to standard output and standard error
/// is appended to its log; a first line of standard output that is a JSON object says that it is
/// ready.
///
/// Thread-safe; but of two callers who stop and start it at once, either may come last.
public final class ManagedProcess implements AutoCloseable {
    private static final Duration ORDERLY_STOP = Duration.ofSeconds(15);
    private static final Duration AFTER_KILL = Duration.ofSeconds(20);
    private static final Duration AFTER_OUTPUT = Duration.ofSeconds(5);
    private static final int LOG_LINES_SHOWN = 12;

    /// How a process is started.
    ///
    /// @param environment added to ours
    public record Command(
            String name, List<String> argv, Map<String, String> environment, Path log) {
        public Command {
            argv = List.copyOf(argv);
            environment = Map.copyOf(environment);
        }

        public Command(String name, List<String> argv, Path log) {
            this(name, argv, Map.of(), log);
        }
    }

    private record Running(Process process, CompletableFuture<ObjectNode> ready) {}

    private final Command command;
    private volatile Running running;

    private ManagedProcess(Command command) {
        this.command = command;
        setAside(command.log());
        this.running = launch(command);
    }

    public static ManagedProcess start(Command command) {
        return new ManagedProcess(command);
    }

    public String name() {
        return command.name();
    }

    public Path log() {
        return command.log();
    }

    public long pid() {
        return running.process().pid();
    }

    public boolean isAlive() {
        return running.process().isAlive();
    }

    /// The line by which it says that it is ready.
    ///
    /// @throws ProcessFailed when it ends before, or takes longer
    public ObjectNode awaitReady(Duration atMost) {
        try {
            return running.ready().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException _) {
            throw failed(
                    awaitExit(AFTER_OUTPUT)
                            ? "ended with exit code %d before it was ready".formatted(exitCode())
                            : "closed its standard output before it was ready");
        } catch (TimeoutException _) {
            throw failed("was not ready within %d s".formatted(atMost.toSeconds()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw failed("was not awaited: interrupted while it was starting");
        }
    }

    /// Completes with the exit code of the process that runs now.
    public CompletableFuture<Integer> onExit() {
        return running.process().onExit().thenApply(Process::exitValue);
    }

    /// SIGSTOP.
    public void freeze() {
        signal("STOP");
    }

    /// SIGCONT.
    public void thaw() {
        signal("CONT");
    }

    /// SIGTERM, without waiting; also to a frozen process, which is thawed for it.
    public void terminate() {
        running.process().destroy();
        if (isAlive()) {
            signal("CONT");
        }
    }

    /// SIGKILL; returns when it is gone.
    public void kill() {
        // This one, even if somebody starts it again meanwhile.
        var process = running.process();
        process.destroyForcibly();
        if (!awaitExit(process, AFTER_KILL)) {
            throw failed("did not end within %d s of SIGKILL".formatted(AFTER_KILL.toSeconds()));
        }
    }

    public boolean awaitExit(Duration atMost) {
        return awaitExit(running.process(), atMost);
    }

    private static boolean awaitExit(Process process, Duration atMost) {
        try {
            return process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Valid once it has ended.
    public int exitCode() {
        return running.process().exitValue();
    }

    /// Starts it again, by the same command; kills what still runs.
    public void restart() {
        kill();
        running = launch(command);
    }

    /// Asks it to stop, and kills it when it does not.
    @Override
    public void close() {
        terminate();
        if (!awaitExit(ORDERLY_STOP)) {
            kill();
        }
    }

    ProcessFailed failed(String what) {
        return new ProcessFailed(
                "%s %s; its log %s ends:%n%s".formatted(name(), what, log(), logTail()));
    }

    private String logTail() {
        try {
            var lines = Files.readString(log(), StandardCharsets.UTF_8).lines().toList();
            return String.join(
                    System.lineSeparator(),
                    lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
        } catch (IOException e) {
            return "(unreadable: " + e.getMessage() + ")";
        }
    }

    /// By the shell's own kill: the program of that name is not on every machine.
    private void signal(String signal) {
        try {
            var command = "kill -%s %d".formatted(signal, pid());
            var kill = new ProcessBuilder("/bin/sh", "-c", command).start();
            if (!kill.waitFor(5, TimeUnit.SECONDS)) {
                kill.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("kill -" + signal + " does not start", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// What a former run wrote is kept, beside the new log, until the next.
    private static void setAside(Path log) {
        try {
            if (Files.exists(log)) {
                Files.move(
                        log,
                        log.resolveSibling(log.getFileName() + ".old"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(log + " cannot be set aside", e);
        }
    }

    private static Running launch(Command command) {
        try {
            Files.createDirectories(command.log().toAbsolutePath().getParent());
            var builder =
                    new ProcessBuilder(ProcessGuard.detached(command.argv()))
                            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                            .redirectError(
                                    ProcessBuilder.Redirect.appendTo(command.log().toFile()));
            builder.environment().putAll(command.environment());
            var process = builder.start();
            ProcessGuard.watch(process.toHandle());
            var ready = new CompletableFuture<ObjectNode>();
            // Not a virtual thread: reading a pipe holds its carrier, and there are only a few.
            Thread.ofPlatform()
                    .daemon()
                    .name("output of " + command.name())
                    .start(() -> readOutput(process, command.log(), ready));
            return new Running(process, ready);
        } catch (IOException e) {
            throw new UncheckedIOException(command.name() + " does not start", e);
        }
    }

    private static void readOutput(Process process, Path log, CompletableFuture<ObjectNode> ready) {
        try (var lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.UTF_8));
                var out =
                        Files.newOutputStream(
                                log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var bytes = (line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8);
                out.write(bytes);
                var object = ready.isDone() ? null : Json.readObject(bytes);
                if (object != null) {
                    ready.complete(object);
                }
            }
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
        ready.completeExceptionally(new IOException("end of output"));
    }
}
