package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.bench.far.Stamp;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.quickstart.ManagedProcess;
import io.switchboard.runtime.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// The other baseline: Socket.IO with its Redis adapter, in two Node processes. It has no Kafka
/// before it, stores nothing, and acknowledges nothing.
///
/// Confined to the thread that sends.
final class SocketIo implements Load.Sender, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration INSTALLING = Duration.ofMinutes(2);
    private static final long SEED = 20_260_101;

    private final Socket socket;
    private final OutputStream out;
    private final byte[][] lines;
    private final int[] stamps;
    private final long[] numbers;
    private final SplittableRandom random = new SplittableRandom(SEED);

    private SocketIo(int port, List<String> rooms) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        lines = new byte[rooms.size()][];
        stamps = new int[rooms.size()];
        numbers = new long[rooms.size()];
        for (int i = 0; i < lines.length; i++) {
            var line =
                    "%s\t{\"type\":\"bench\",\"infos\":\"%s\",%s}\n"
                            .formatted(rooms.get(i), Events.INFOS, Stamp.blank());
            lines[i] = line.getBytes(UTF_8);
            stamps[i] = Stamp.offsetIn(line);
        }
    }

    /// @return the port for browsers
    static int serve(Rig rig) {
        install();
        return start(rig, "serve").awaitReady(PATIENCE).path("port").asInt();
    }

    /// @param agents that are picked at random; 0: everybody is meant
    static SocketIo publish(Rig rig, int agents) {
        var rooms =
                agents == 0
                        ? List.of("everyone")
                        : java.util.stream.IntStream.range(0, agents)
                                .mapToObj(i -> "agent-" + i)
                                .toList();
        try {
            int port = start(rig, "publish").awaitReady(PATIENCE).path("port").asInt();
            return new SocketIo(port, rooms);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ManagedProcess start(Rig rig, String role) {
        var folder = JavaModule.checkout().resolve("bench/baselines/socketio");
        return rig.startProcess(
                "socketio-" + role,
                List.of(
                        "node",
                        folder.resolve("server.mjs").toString(),
                        role,
                        rig.startRedis().url()));
    }

    /// What `package-lock.json` names, from whichever registry npm is set to.
    private static void install() {
        var folder = JavaModule.checkout().resolve("bench/baselines/socketio");
        if (Files.isDirectory(folder.resolve("node_modules"))) {
            return;
        }
        try {
            var npm =
                    new ProcessBuilder("npm", "ci", "--omit=dev", "--silent")
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!npm.waitFor(INSTALLING.toSeconds(), TimeUnit.SECONDS) || npm.exitValue() != 0) {
                npm.destroyForcibly();
                throw new Failure(
                        "npm ci in %s did not succeed (expected: Node 20 or newer, and a registry)"
                                .formatted(folder));
            }
        } catch (IOException e) {
            throw new Failure("npm does not start: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", e);
        }
    }

    @Override
    public void send(long number, long dueNanos) {
        int index = lines.length == 1 ? 0 : random.nextInt(lines.length);
        Stamp.write(lines[index], stamps[index], dueNanos, ++numbers[index]);
        try {
            out.write(lines[index]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
