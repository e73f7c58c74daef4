package io.switchboard.operator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// As much of an edge node as a client can see, led by the test: accepts WebSockets (RFC 6455),
/// and says what it is told to.
final class FakeEdge implements AutoCloseable {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PATIENCE_SECONDS = 20;

    private final ServerSocket server;
    private final BlockingQueue<Accepted> accepted = new LinkedBlockingQueue<>();

    FakeEdge() {
        try {
            server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().start(this::accept);
    }

    URI url() {
        return URI.create("ws://127.0.0.1:%d/ws".formatted(server.getLocalPort()));
    }

    /// The next client, which has been asked who it is.
    Accepted next() throws InterruptedException {
        var next = accepted.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nobody connected");
        }
        return next;
    }

    boolean hasNobodyElse() {
        return accepted.isEmpty();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                accepted.add(new Accepted(server.accept()));
            }
        } catch (IOException _) {
            // closed
        }
    }

    /// One client's connection.
    static final class Accepted {
        private final Socket socket;
        private final DataInputStream in;
        private final OutputStream out;

        private Accepted(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            this.out = socket.getOutputStream();
            socket.setSoTimeout(PATIENCE_SECONDS * 1000);
            shakeHands();
            say("{\"event\":\"CONNECT\",\"data\":[]}");
        }

        /// The next text frame; null when the client closed.
        @Nullable ObjectNode hear() throws IOException {
            while (true) {
                var opcode = in.readUnsignedByte() & 0x0F;
                var length = in.readUnsignedByte() & 0x7F;
                if (length == 126) {
                    length = in.readUnsignedShort();
                }
                var mask = in.readNBytes(4);
                var payload = in.readNBytes(length);
                for (var i = 0; i < length; i++) {
                    payload[i] ^= mask[i % 4];
                }
                if (opcode == CLOSE) {
                    return null;
                }
                if (opcode == TEXT) {
                    return Json.readObject(payload);
                }
            }
        }

        void say(String json) throws IOException {
            frame(TEXT, json.getBytes(StandardCharsets.UTF_8));
        }

        void online() throws IOException {
            say(
                    "{\"event\":\"ONLINE\",\"data\":{\"connection\":\"c\",\"agent\":\"a/u\",\"role\":\"\",\"unread\":0,\"heartbeat\":25}}");
        }

        void event(String id, String position) throws IOException {
            say(
                    "{\"event\":\"WorksheetMsg\",\"id\":\"%s\",\"to\":\"agent\",\"pos\":\"%s\",\"sent\":1,\"response\":{}}"
                            .formatted(id, position));
        }

        void close(int code) throws IOException {
            frame(CLOSE, new byte[] {(byte) (code >>> 8), (byte) code});
            socket.close();
        }

        /// As by kill -9: a reset, no close frame.
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        private void frame(int opcode, byte[] payload) throws IOException {
            var header =
                    payload.length < 126
                            ? new byte[] {(byte) (0x80 | opcode), (byte) payload.length}
                            : new byte[] {
                                (byte) (0x80 | opcode),
                                126,
                                (byte) (payload.length >>> 8),
                                (byte) payload.length
                            };
            out.write(header);
            out.write(payload);
            out.flush();
        }

        @SuppressWarnings("deprecation") // Lines of ASCII: readLine does no harm here.
        private void shakeHands() throws IOException {
            var key = "";
            for (var line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                if (line.regionMatches(true, 0, "Sec-WebSocket-Key:", 0, 18)) {
                    key = line.substring(18).strip();
                }
            }
            try {
                var digest =
                        MessageDigest.getInstance("SHA-1")
                                .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
                var answer =
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: switchboard.v1\r\nSec-WebSocket-Accept: "
                                + Base64.getEncoder().encodeToString(digest)
                                + "\r\n\r\n";
                out.write(answer.getBytes(StandardCharsets.US_ASCII));
                out.flush();
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
