package io.switchboard.systemtests.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The JDK's WebSocket, reduced to text frames and one end. Nothing more is read from the network
/// before [#readOn], so a page that does not read is a slow browser for the edge node.
///
/// Thread-safe.
final class WireSocket implements WebSocket.Listener {
    static final String SUBPROTOCOL = "switchboard.v1";
    private static final int ABNORMAL = 1006;

    private static final HttpClient CLIENT =
            HttpClient.newBuilder()
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();

    private final StringBuilder partial = new StringBuilder();
    private final CompletableFuture<Ends> ends = new CompletableFuture<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable WebSocket socket;
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

    private record Ends(Consumer<byte[]> onText, IntConsumer onEnd) {}

    private WireSocket() {}

    /// Null when nobody answers.
    static @Nullable WireSocket open(URI uri, boolean subprotocol, Duration atMost)
            throws InterruptedException {
        var wire = new WireSocket();
        var builder = CLIENT.newWebSocketBuilder().connectTimeout(atMost);
        if (subprotocol) {
            builder.subprotocols(SUBPROTOCOL);
        }
        var opening = builder.buildAsync(uri, wire);
        try {
            wire.socket = opening.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            return wire;
        } catch (ExecutionException _) {
            return null;
        } catch (TimeoutException _) {
            opening.thenAccept(WebSocket::abort);
            return null;
        }
    }

    /// Frames and the end go here; the end comes once.
    void start(Consumer<byte[]> onText, IntConsumer onEnd) {
        ends.complete(new Ends(onText, onEnd));
    }

    void readOn() {
        socket().request(1);
    }

    /// In order; a frame that cannot be sent ends the connection, which is told then.
    synchronized void send(byte[] frame) {
        sent =
                sent.thenCompose(_ -> socket().sendText(new String(frame, UTF_8), true))
                        .exceptionally(
                                _ -> {
                                    end(ABNORMAL);
                                    return null;
                                });
    }

    void close() {
        socket().sendClose(WebSocket.NORMAL_CLOSURE, "")
                .orTimeout(1, TimeUnit.SECONDS)
                .whenComplete((_, _) -> abort());
    }

    void abort() {
        socket().abort();
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        webSocket.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(
            WebSocket webSocket, CharSequence data, boolean last) {
        partial.append(data);
        if (!last) {
            webSocket.request(1);
            return null;
        }
        var text = partial.toString().getBytes(UTF_8);
        partial.setLength(0);
        ends.thenAccept(to -> to.onText().accept(text));
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket webSocket, java.nio.ByteBuffer message) {
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
        end(code);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        end(ABNORMAL);
    }

    private void end(int code) {
        if (ended.compareAndSet(false, true)) {
            ends.thenAccept(to -> to.onEnd().accept(code));
        }
    }

    private WebSocket socket() {
        var opened = socket;
        if (opened == null) {
            throw new CompletionException(new IllegalStateException("not open"));
        }
        return opened;
    }
}
