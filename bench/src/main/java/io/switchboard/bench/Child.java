package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.quickstart.ManagedProcess;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A process of the far end, and the socket by which it is told what to do.
///
/// Thread-safe.
final class Child implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ManagedProcess process;
    private final Socket socket;
    private final BufferedReader in;

    private Child(ManagedProcess process, int port) {
        this.process = process;
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new Failure(process.name() + " cannot be reached: " + e.getMessage(), e);
        }
    }

    static Child start(String name, String main, List<String> flags, List<String> args, Path log) {
        var command = JavaModule.command("bench", main, flags, args);
        var process = ManagedProcess.start(new ManagedProcess.Command(name, command, log));
        return new Child(process, process.awaitReady(PATIENCE).path("port").asInt());
    }

    ManagedProcess process() {
        return process;
    }

    static ObjectNode order(String what) {
        return Json.object().put("do", what);
    }

    synchronized ObjectNode tell(ObjectNode order) {
        try {
            socket.getOutputStream().write((order + "\n").getBytes(StandardCharsets.UTF_8));
            var line = in.readLine();
            var answer =
                    line == null ? null : Json.readObject(line.getBytes(StandardCharsets.UTF_8));
            if (answer == null || answer.has("failed")) {
                throw new Failure(
                        "%s: %s was answered by %s; see %s"
                                .formatted(process.name(), order, line, process.log()));
            }
            return answer;
        } catch (IOException e) {
            throw new Failure(process.name() + " cannot be told: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // it ends all the same
        }
        process.close();
    }
}
