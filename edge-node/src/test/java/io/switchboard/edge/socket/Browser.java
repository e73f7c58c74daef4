package io.switchboard.edge.socket;

import io.switchboard.schemas.Json;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The JDK's WebSocket, as a browser.
final class Browser implements WebSocket.Listener {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long SECONDS = 10;

    final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder part = new StringBuilder();
    private WebSocket socket;

    static Browser open(EdgeInProcess edge, boolean v1, String... headers) {
        return open(edge, "/ws", v1, headers);
    }

    static Browser open(EdgeInProcess edge, String path, boolean v1, String... headers) {
        var browser = new Browser();
        var builder = HTTP.newWebSocketBuilder().connectTimeout(Duration.ofSeconds(SECONDS));
        if (v1) {
            builder.subprotocols("switchboard.v1");
        }
        for (int i = 0; i + 1 < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        browser.socket = builder.buildAsync(edge.url("ws", path), browser).join();
        return browser;
    }

    static Browser open(HttpClient tls, EdgeInProcess edge) {
        var browser = new Browser();
        browser.socket =
                tls.newWebSocketBuilder()
                        .subprotocols("switchboard.v1")
                        .buildAsync(edge.url("wss", "/ws"), browser)
                        .join();
        return browser;
    }

    static Browser connect(EdgeInProcess edge, String token) {
        var browser = open(edge, true);
        browser.awaitEvent("CONNECT");
        browser.say("{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"" + token + "\"}}");
        browser.awaitEvent("ONLINE");
        return browser;
    }

    WebSocket socket() {
        return socket;
    }

    void say(String frame) {
        socket.sendText(frame, true).join();
    }

    String await() {
        try {
            return Objects.requireNonNull(
                    frames.poll(SECONDS, TimeUnit.SECONDS), "no frame within 10 s");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    String awaitEvent(String event) {
        var frame = await();
        var node = Json.readObject(frame.getBytes(StandardCharsets.UTF_8));
        if (node == null || !node.path("event").asText().equals(event)) {
            throw new AssertionError("expected " + event + ", got " + frame);
        }
        return frame;
    }

    String awaitText() {
        var node = Json.readObject(awaitEvent("WorksheetMsg").getBytes(StandardCharsets.UTF_8));
        return node.path("response").path("infos").asText();
    }

    int awaitClosed() {
        return closed.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            frames.add(part.toString());
            part.setLength(0);
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        closed.completeExceptionally(error);
    }
}
