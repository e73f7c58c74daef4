package io.switchboard.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/// A real redis-server on loopback, as a child process: the binary that `embedded-redis` carries,
/// with the settings that the inbox wants of any Redis (append-only file, rewritten seldom, no
/// eviction, small stream nodes).
///
/// Thread-safe.
public final class EmbeddedRedis implements AutoCloseable {
    private static final String VERSION = "7.0.15";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int TIMEOUT_MILLIS = 2_000;

    private final int port;
    private final ManagedProcess process;

    private EmbeddedRedis(int port, ManagedProcess process) {
        this.port = port;
        this.process = process;
    }

    /// @param data what survives a restart; created when missing
    /// @param settings more of redis-server's arguments, e.g. `--cluster-enabled yes`
    public static EmbeddedRedis start(int port, Path data, Path log, String... settings) {
        return start(binary(data), port, data, log, settings);
    }

    /// @param server another redis-server than the one that comes along
    public static EmbeddedRedis start(
            Path server, int port, Path data, Path log, String... settings) {
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new UncheckedIOException(data + " cannot be created", e);
        }
        var argv = new ArrayList<String>();
        argv.add(server.toString());
        argv.addAll(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port)));
        argv.addAll(List.of("--dir", data.toAbsolutePath().toString()));
        argv.addAll(List.of("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""));
        argv.addAll(List.of("--auto-aof-rewrite-min-size", "512mb"));
        argv.addAll(List.of("--maxmemory-policy", "noeviction", "--stream-node-max-bytes", "512"));
        argv.addAll(List.of(settings));
        return new EmbeddedRedis(
                port, ManagedProcess.start(new ManagedProcess.Command("redis", argv, log)));
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public ManagedProcess process() {
        return process;
    }

    /// Returns when it answers, its append-only file read.
    public EmbeddedRedis awaitReady() {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!answersPing()) {
            if (!process.isAlive()) {
                throw process.failed("ended before it was ready");
            }
            if (System.nanoTime() > deadline) {
                throw process.failed("was not ready within " + PATIENCE.toSeconds() + " s");
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        return this;
    }

    /// SIGKILL.
    public void kill() {
        process.kill();
    }

    /// SIGSTOP.
    public void freeze() {
        process.freeze();
    }

    /// SIGCONT.
    public void thaw() {
        process.thaw();
    }

    /// Starts it again on the same port and data, and waits until it answers.
    public void restart() {
        process.restart();
        awaitReady();
    }

    /// All keys are gone at once; functions stay.
    public void flushAll() {
        command("FLUSHALL SYNC");
    }

    /// Keys and functions are gone, as on a node that was replaced.
    public void lose() {
        flushAll();
        command("FUNCTION FLUSH SYNC");
    }

    /// Sends an inline command whose answer is one line.
    public String command(String inline) {
        try (var socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write((inline + "\r\n").getBytes(StandardCharsets.UTF_8));
            var answer =
                    new BufferedReader(
                                    new InputStreamReader(
                                            socket.getInputStream(), StandardCharsets.UTF_8))
                            .readLine();
            if (answer == null || answer.startsWith("-")) {
                throw new IOException(inline + " was answered by " + answer);
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException("redis on port " + port, e);
        }
    }

    @Override
    public void close() {
        process.close();
    }

    private boolean answersPing() {
        try {
            return command("PING").equals("+PONG");
        } catch (UncheckedIOException _) {
            return false;
        }
    }

    /// The server's binary, unpacked beside the data.
    private static Path binary(Path data) {
        var resource = "redis-server-%s-%s-%s".formatted(VERSION, system(), architecture());
        var binary = data.toAbsolutePath().resolve(resource);
        try (var packed = EmbeddedRedis.class.getResourceAsStream("/" + resource)) {
            if (packed == null) {
                throw new IllegalStateException(
                        "no redis-server for %s on %s (expected: linux or darwin, amd64 or arm64); give a server of your own by --redis"
                                .formatted(
                                        System.getProperty("os.name"),
                                        System.getProperty("os.arch")));
            }
            Files.createDirectories(data);
            if (!Files.exists(binary)) {
                var part = Files.createTempFile(data, "redis-server", ".part");
                Files.copy(packed, part, StandardCopyOption.REPLACE_EXISTING);
                Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.move(part, binary, StandardCopyOption.ATOMIC_MOVE);
            }
            return binary;
        } catch (IOException e) {
            throw new UncheckedIOException(binary + " cannot be unpacked", e);
        }
    }

    private static String system() {
        var name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return name.startsWith("mac") ? "darwin" : name;
    }

    private static String architecture() {
        var name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> name;
        };
    }
}
