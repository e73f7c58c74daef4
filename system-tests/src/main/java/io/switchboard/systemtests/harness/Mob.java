package io.switchboard.systemtests.harness;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A hostile client with many connections, all at one edge node at a time; each comes back, a
/// moment after it was thrown out, and goes on. One virtual thread a connection.
///
/// Thread-safe.
public final class Mob implements AutoCloseable {
    /// What a connection of it does. Everybody is asked for nothing that a browser could not send.
    public enum Deed {
        /// A byte of the handshake now and then.
        DRIP,
        /// Pings, more than anybody may send.
        PINGS,
        /// Texts that are no frames of ours.
        GARBAGE,
        /// Tokens that nobody made.
        FORGED_TOKENS,
        /// A frame that says it is huge.
        HUGE_FRAME,
        /// Compressed, which was not agreed.
        RESERVED_BITS
    }

    private static final int PAUSE_MILLIS = 3_000;
    private static final int DRIP_MILLIS = 500;
    private static final int MOST_FRAMES = 1_000;
    private static final int SO_TIMEOUT_MILLIS = 30_000;
    private static final int FIN = 0x80;
    private static final int RSV1 = 0x40;
    private static final int TEXT = 1;
    private static final int PING = 9;
    private static final int MASKED = 0x80;

    private static final String REQUEST =
            String.join(
                    "\r\n",
                    "GET /ws HTTP/1.1",
                    "Host: x",
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Protocol: switchboard.v1",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "",
                    "");

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger turnedAway = new AtomicInteger();
    private volatile int port;
    private volatile boolean closed;

    /// @param deeds in turn
    public Mob(int connections, Node first, Deed... deeds) {
        aimAt(first);
        for (int i = 0; i < connections; i++) {
            var deed = deeds[i % deeds.length];
            Thread.ofVirtual().name("mob-", i).start(() -> goOn(deed));
        }
    }

    /// From their next connection on they are at this one.
    public void aimAt(Node edge) {
        port = edge.port();
    }

    /// Connections that stood at once, at most.
    public int most() {
        return most.get();
    }

    /// Connections that ended, and not because the mob wanted to.
    public int turnedAway() {
        return turnedAway.get();
    }

    @Override
    public void close() {
        closed = true;
    }

    private void goOn(Deed deed) {
        pause(ThreadLocalRandom.current().nextInt(PAUSE_MILLIS));
        while (!closed) {
            int at = port;
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), at)) {
                most.accumulateAndGet(open.incrementAndGet(), Math::max);
                try {
                    socket.setSoTimeout(SO_TIMEOUT_MILLIS);
                    act(deed, socket, at);
                } finally {
                    open.decrementAndGet();
                }
            } catch (IOException _) {
                turnedAway.incrementAndGet();
            }
            pause(PAUSE_MILLIS / 2 + ThreadLocalRandom.current().nextInt(PAUSE_MILLIS));
        }
    }

    private static void pause(int millis) {
        LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
    }

    private void act(Deed deed, Socket socket, int at) throws IOException {
        var out = socket.getOutputStream();
        if (deed == Deed.DRIP) {
            for (byte each : REQUEST.substring(0, REQUEST.length() - 1).getBytes(US_ASCII)) {
                if (closed || at != port) {
                    return;
                }
                out.write(each);
                pause(DRIP_MILLIS);
            }
            return;
        }
        out.write(REQUEST.getBytes(US_ASCII));
        var one = frame(deed);
        for (int i = 0; i < MOST_FRAMES && !closed && at == port; i++) {
            out.write(one);
            if (i % 50 == 0) {
                pause(20); // not a matter of bandwidth
            }
        }
    }

    private static byte[] frame(Deed deed) {
        return switch (deed) {
            case DRIP -> new byte[0];
            case PINGS -> frame(FIN | PING, 0, "");
            case GARBAGE -> {
                var text = "{\"event\":[{\"a\":1},".repeat(20);
                yield frame(FIN | TEXT, text.length(), text);
            }
            case FORGED_TOKENS -> {
                var text =
                        "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"eyJhbGciOiJub25lIn0.e30.\"}}";
                yield frame(FIN | TEXT, text.length(), text);
            }
            case HUGE_FRAME -> frame(FIN | TEXT, Long.MAX_VALUE, "{");
            case RESERVED_BITS -> frame(FIN | RSV1 | TEXT, 2, "{}");
        };
    }

    /// Masked with zeros, which is legal.
    private static byte[] frame(int first, long length, String payload) {
        var bytes = ByteBuffer.allocate(14 + payload.length()).put((byte) first);
        if (length < 126) {
            bytes.put((byte) (MASKED | length));
        } else if (length <= 0xFFFF) {
            bytes.put((byte) (MASKED | 126)).putShort((short) length);
        } else {
            bytes.put((byte) (MASKED | 127)).putLong(length);
        }
        bytes.putInt(0).put(payload.getBytes(UTF_8)).flip();
        var frame = new byte[bytes.remaining()];
        bytes.get(frame);
        return frame;
    }
}
