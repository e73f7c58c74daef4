package io.switchboard.bench.far;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

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
