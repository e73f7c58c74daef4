package io.switchboard.inbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// A real redis-server of its own: embedded-redis carries the binary.
final class RedisProcess implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final List<String> options;
    private Process process;

    private RedisProcess(Path folder, int port, List<String> options) {
        this.folder = folder;
        this.port = port;
        this.options = options;
        start();
    }

    static RedisProcess launch(String... options) {
        try {
            var folder = Files.createTempDirectory("switchboard-redis");
            extract(folder.resolve("redis-server"));
            return new RedisProcess(folder, freePort(), List.of(options));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    /// With more patience than a process of ours has: tests share their machine.
    RedisConnection connection() {
        var urls = new RedisUrls(RedisUrls.of(List.of(url())).urls(), Duration.ofSeconds(20));
        return RedisConnection.connect(urls, RedisLibrary.load(), Duration.ofSeconds(30));
    }

    int port() {
        return port;
    }

    /// Its cluster bus; a port of its own, since the usual one is beyond the range of free ones.
    String clusterPort() {
        return options.get(options.indexOf("--cluster-port") + 1);
    }

    void start() {
        var command = new ArrayList<String>();
        command.add(folder.resolve("redis-server").toString());
        command.addAll(List.of("--port", "" + port, "--bind", "127.0.0.1"));
        command.addAll(List.of("--dir", folder.toString(), "--save", ""));
        command.addAll(List.of("--appendonly", "yes", "--appendfsync", "everysec"));
        command.addAll(List.of("--stream-node-max-bytes", "512"));
        command.addAll(options);
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("log").toFile())
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::answers);
    }

    /// As `kill -9`.
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// One command, by hand; its raw reply's first line.
    String command(String... words) {
        return commands(List.of(List.of(words)));
    }

    /// The same as somebody whom an ACL knows.
    String commandAs(String user, String password, String... words) {
        return commands(List.of(List.of("AUTH", user, password), List.of(words)));
    }

    /// The last one's reply.
    private String commands(List<List<String>> commands) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
            socket.setSoTimeout(5_000);
            var line = "";
            for (var each : commands) {
                line = reply(socket, each);
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String reply(Socket socket, List<String> words) throws IOException {
        var text = new StringBuilder("*" + words.size() + "\r\n");
        for (var each : words) {
            text.append(
                    "$%d\r\n%s\r\n".formatted(each.getBytes(StandardCharsets.UTF_8).length, each));
        }
        socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.UTF_8));
        var line = new StringBuilder();
        for (int c = socket.getInputStream().read(); c >= 0 && c != '\n'; ) {
            line.append((char) c);
            c = socket.getInputStream().read();
        }
        return line.toString().strip();
    }

    private boolean answers() {
        try {
            return command("PING").matches("\\+PONG|-NOAUTH.*");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        kill();
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(each -> each.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void extract(Path to) throws IOException {
        var os = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac");
        var arm = System.getProperty("os.arch").matches("aarch64|arm64");
        var name =
                "/redis-server-7.0.15-%s-%s"
                        .formatted(os ? "darwin" : "linux", arm ? "arm64" : "amd64");
        try (var in = RedisProcess.class.getResourceAsStream(name)) {
            Files.copy(in, to);
        }
        to.toFile().setExecutable(true);
    }
}
