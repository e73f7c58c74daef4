package io.switchboard.bench.far;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/// How a process of the far end is told what to do: one JSON object a line in, one out, over a
/// socket on loopback. When whoever gave the orders has gone, the process ends.
public final class Control {
    /// Does what its name says; what it throws is the answer's `failed`.
    public interface Command {
        ObjectNode run(ObjectNode order) throws Exception;
    }

    private Control() {}

    /// Says on standard output where it listens, then obeys until the other side closes.
    public static void serve(String process, Map<String, Command> commands) throws IOException {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.out.println(
                    Json.object().put("ready", process).put("port", listening.getLocalPort()));
            try (var socket = listening.accept();
                    var in =
                            new BufferedReader(
                                    new InputStreamReader(
                                            socket.getInputStream(), StandardCharsets.UTF_8))) {
                socket.setTcpNoDelay(true);
                for (var line = in.readLine(); line != null; line = in.readLine()) {
                    var answer = answer(commands, line).toString() + "\n";
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                }
            }
        }
    }

    /// Waits as long as the order has `patience`, in seconds.
    ///
    /// @return whether it came to that
    static boolean await(ObjectNode order, BooleanSupplier done) throws InterruptedException {
        long patience = Duration.ofSeconds(order.path("patience").asLong(60)).toNanos();
        long deadline = System.nanoTime() + patience;
        while (!done.getAsBoolean() && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        return done.getAsBoolean();
    }

    private static ObjectNode answer(Map<String, Command> commands, String line) {
        try {
            var order =
                    Objects.requireNonNull(
                            Json.readObject(line.getBytes(StandardCharsets.UTF_8)), line);
            var command = Objects.requireNonNull(commands.get(order.path("do").asText()), line);
            return command.run(order);
        } catch (Exception e) {
            e.printStackTrace();
            return Json.object().put("failed", e.toString());
        }
    }
}
