package io.switchboard.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StartingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();
    @TempDir private Path folder;

    @Test
    void edgeWhoseRedisRefuses_isLive_notReady_andSaysWhy() throws Exception {
        try (var redis = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> refuse(redis));
            int port = freePort();
            var edge = edge(redis.getLocalPort(), port);
            try {
                await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .untilAsserted(
                                () ->
                                        assertThat(get(port, "/ready"))
                                                .startsWith("503 ")
                                                .contains("it says: DENIED not from here"));
                assertThat(get(port, "/live")).startsWith("200 ");
                assertThat(get(port, "/agents/helpdesk/ada")).startsWith("503 ");
                assertThat(edge.isAlive()).isTrue();
            } finally {
                edge.destroyForcibly().waitFor();
            }
        }
    }

    private Process edge(int redis, int adminPort) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EdgeMain.class.getName(),
                        "--redis=redis://127.0.0.1:" + redis,
                        "--port=0",
                        "--admin-port=" + adminPort)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("edge.log").toFile())
                .start();
    }

    private String get(int port, String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        var answer = client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    private static void refuse(ServerSocket redis) {
        while (!redis.isClosed()) {
            try (var client = redis.accept()) {
                client.getOutputStream()
                        .write(
                                "-DENIED not from here. Really.\r\n"
                                        .getBytes(StandardCharsets.UTF_8));
            } catch (IOException _) {
                // closed
            }
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
