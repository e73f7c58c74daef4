package io.switchboard.systemtests.harness;

import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One attempt to open a WebSocket, for its HTTP status.
public final class Handshake {
    private static final int SWITCHING = 101;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Handshake() {}

    /// 101 when it was opened (it is closed again), 0 when nobody answered.
    public static int statusOf(Node edge) {
        try (var client = HttpClient.newHttpClient()) {
            client.newWebSocketBuilder()
                    .subprotocols(WireSocket.SUBPROTOCOL)
                    .buildAsync(SwitchboardSystem.webSocketUrl(edge), new WebSocket.Listener() {})
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .abort();
            return SWITCHING;
        } catch (ExecutionException e) {
            return e.getCause() instanceof WebSocketHandshakeException refused
                    ? refused.getResponse().statusCode()
                    : 0;
        } catch (TimeoutException _) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in a handshake", e);
        }
    }
}
