package io.switchboard.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Json;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A browser's part, in Java: connects to one of several edges, hands each event over once and in
/// order, acknowledges it, and comes back with its positions when the connection ends.
///
/// [#run] belongs to one thread; frames come on the WebSocket's, one at a time. [#close] may be
/// called by anyone.
public final class AgentClient implements AutoCloseable {
    private static final String SUBPROTOCOL = "switchboard.v1";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ONLINE_TIMEOUT = Duration.ofSeconds(15);
    private static final long BACKOFF_MILLIS = 500;
    private static final long BACKOFF_MAX_MILLIS = 30_000;
    private static final int BACKOFF_DOUBLINGS = 6;

    /// The close code of a connection that just broke (RFC 6455 §7.4.1).
    private static final int BROKEN = 1006;

    /// Hears what happens. One call at a time.
    public interface Listener {
        /// @param frame the whole frame; positions are saved and acknowledged after this returns
        void onEvent(URI edge, JsonNode frame);

        /// ONLINE, LOST, GO_AWAY and errors, as they came.
        default void onOther(URI edge, JsonNode frame) {}

        /// @param again when it will connect again; null: never
        default void onClosed(URI edge, int code, String reason, @Nullable Duration again) {}
    }

    private record Ending(int code, String reason) {}

    private final List<URI> edges;
    private final Supplier<String> token;
    private final RandomGenerator random;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();
    private final Handled handled = new Handled();
    private final CompletableFuture<Void> closing = new CompletableFuture<>();
    private volatile @Nullable Duration askedToWait;

    /// @param token asked for at each connection
    /// @param edges tried in turn, the first one first
    public AgentClient(List<URI> edges, Supplier<String> token, RandomGenerator random) {
        this.edges = List.copyOf(edges);
        this.token = token;
        this.random = random;
    }

    /// Connects, and again, until [#close] or a close code that says "do not come back".
    ///
    /// @return null after [#close], else the final reason
    public @Nullable String run(Listener listener) {
        try (http) {
            var reason = connectAgainAndAgain(listener);
            http.shutdownNow();
            return reason;
        }
    }

    private @Nullable String connectAgainAndAgain(Listener listener) {
        var failures = 0;
        for (var next = 0; !closing.isDone(); next++) {
            var edge = edges.get(next % edges.size());
            askedToWait = null;
            var session = new Session(edge, listener);
            var ending = session.live();
            if (closing.isDone()) {
                break;
            }
            var code = CloseCode.of(ending.code());
            if (code != null && !code.comeBack()) {
                listener.onClosed(edge, ending.code(), ending.reason(), null);
                return ending.reason();
            }
            failures = session.wasOnline ? 0 : failures + 1;
            var asked = askedToWait;
            var pause = asked == null ? backoff(failures) : asked;
            listener.onClosed(edge, ending.code(), ending.reason(), pause);
            await(closing, pause);
        }
        return null;
    }

    /// Ends [#run]. The edge is told.
    @Override
    public void close() {
        closing.complete(null);
    }

    private Duration backoff(int failures) {
        var most =
                Math.min(
                        BACKOFF_MAX_MILLIS,
                        BACKOFF_MILLIS << Math.min(failures, BACKOFF_DOUBLINGS));
        return Duration.ofMillis(random.nextLong(most));
    }

    private static boolean await(CompletableFuture<?> future, Duration atMost) {
        try {
            future.get(Math.max(1, atMost.toMillis()), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        } catch (ExecutionException _) {
            return true;
        } catch (TimeoutException _) {
            return false;
        }
    }

    /// One connection.
    private final class Session implements WebSocket.Listener {
        private final URI edge;
        private final Listener listener;
        private final CompletableFuture<Ending> ended = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        private CompletableFuture<WebSocket> sent = new CompletableFuture<>();
        private volatile Duration heartbeat = ONLINE_TIMEOUT;
        private volatile long heardAt = System.nanoTime();
        volatile boolean wasOnline;

        Session(URI edge, Listener listener) {
            this.edge = edge;
            this.listener = listener;
        }

        /// Returns when the connection has ended, or the client closes.
        Ending live() {
            WebSocket socket;
            try {
                socket =
                        http.newWebSocketBuilder()
                                .subprotocols(SUBPROTOCOL)
                                .connectTimeout(CONNECT_TIMEOUT)
                                .buildAsync(edge, this)
                                .join();
            } catch (CompletionException e) {
                return new Ending(BROKEN, reasonOf(e.getCause()));
            }
            var over = CompletableFuture.anyOf(ended, closing);
            while (!await(over, heartbeat.dividedBy(2))) {
                if (System.nanoTime() - heardAt > heartbeat.multipliedBy(2).toNanos()) {
                    ended.complete(
                            new Ending(
                                    CloseCode.HEARTBEAT_LOST.code(), "nothing heard for too long"));
                } else if (wasOnline) {
                    send(Json.object().put("event", "HEART_BEAT").set("data", emptyList()));
                }
            }
            if (!ended.isDone()) {
                await(sayGoodbye(), Duration.ofSeconds(1));
            }
            socket.abort();
            return ended.getNow(new Ending(WebSocket.NORMAL_CLOSURE, "closed by us"));
        }

        /// After the last acknowledgement, should an event be in the listener's hands just now.
        private CompletableFuture<WebSocket> sayGoodbye() {
            synchronized (handled) {
                return sent.thenCompose(socket -> socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
            }
        }

        @Override
        public void onOpen(WebSocket socket) {
            synchronized (this) {
                sent.complete(socket);
            }
            socket.request(1);
        }

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket socket, CharSequence part, boolean last) {
            heardAt = System.nanoTime();
            text.append(part);
            if (last) {
                var frame = Json.readObject(text.toString().getBytes(StandardCharsets.UTF_8));
                text.setLength(0);
                if (frame != null) {
                    onFrame(frame);
                }
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            ended.complete(new Ending(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            ended.complete(new Ending(BROKEN, reasonOf(error)));
        }

        private void onFrame(ObjectNode frame) {
            if (ended.isDone() || closing.isDone()) {
                return;
            }
            switch (frame.path("event").asText()) {
                case "CONNECT" -> sayWho();
                case "HEART_BEAT" -> {}
                case "ONLINE" -> {
                    heartbeat =
                            Duration.ofSeconds(
                                    Math.max(1, frame.path("data").path("heartbeat").asLong()));
                    wasOnline = true;
                    listener.onOther(edge, frame);
                }
                case "LOST" -> {
                    synchronized (handled) {
                        handled.skip(frame.path("data"));
                    }
                    listener.onOther(edge, frame);
                }
                case "GO_AWAY" -> {
                    askedToWait =
                            Duration.ofMillis(frame.path("data").path("reconnect_in_ms").asLong());
                    listener.onOther(edge, frame);
                }
                default -> {
                    if (frame.has("pos")) {
                        onEvent(frame);
                    } else {
                        listener.onOther(edge, frame);
                    }
                }
            }
        }

        private void onEvent(ObjectNode frame) {
            synchronized (handled) {
                if (handled.isNew(frame)) {
                    listener.onEvent(edge, frame);
                }
                handled.add(frame);
                var ack = Json.object().put("event", "ACK");
                ack.putObject("data").put(frame.path("to").asText(), frame.path("pos").asText());
                send(ack);
            }
        }

        private void sayWho() {
            var connect = Json.object().put("event", "CONNECT");
            var data = connect.putObject("data").put("client_token", token.get());
            synchronized (handled) {
                data.set("positions", handled.positions());
            }
            send(connect);
        }

        /// The next may be sent when the one before was: the WebSocket wants it so.
        private synchronized void send(JsonNode frame) {
            sent = sent.thenCompose(socket -> socket.sendText(frame.toString(), true));
        }

        private static JsonNode emptyList() {
            return Json.MAPPER.createArrayNode();
        }
    }

    private static String reasonOf(@Nullable Throwable thrown) {
        if (thrown == null) {
            return "unknown";
        }
        if (thrown instanceof ConnectException) {
            return "nobody listens there";
        }
        var message = thrown.getMessage();
        return message == null ? thrown.getClass().getSimpleName() : message;
    }
}
