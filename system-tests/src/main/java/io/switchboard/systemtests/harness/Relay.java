package io.switchboard.systemtests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// A TCP link that can be cut, stalled and slowed: what connects to it is connected to its target.
///
/// A cut link refuses and resets; a stalled one accepts and carries nothing, as a lost network
/// without a FIN does; a slow one carries each piece later.
///
/// Thread-safe.
public final class Relay implements AutoCloseable {
    private static final int PIECE_BYTES = 16 * 1024;
    private static final Duration WHILE_STALLED = Duration.ofMillis(5);

    /// How the link is.
    public enum State {
        OPEN,
        SLOW,
        STALLED,
        CUT
    }

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile State state = State.OPEN;
    private volatile Duration delay = Duration.ofMillis(200);
    private volatile String said = "";
    private volatile String heard = "";

    private Relay(ServerSocket server, int target) {
        this.server = server;
        this.target = target;
        Thread.ofVirtual().name("relay to " + target).start(this::accept);
    }

    /// @param port of the relay; 0: any
    /// @param target port on loopback
    public static Relay start(int port, int target) {
        try {
            var server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return new Relay(server, target);
        } catch (IOException e) {
            throw new UncheckedIOException("no relay on port " + port, e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    public void set(State now) {
        state = now;
        if (now == State.CUT) {
            sockets.forEach(Relay::reset);
        }
    }

    public void slow(Duration each) {
        delay = each;
        set(State.SLOW);
    }

    /// What the far end says is heard differently; both texts are of one length.
    public void mishear(String says, String isHeardAs) {
        if (says.length() != isHeardAs.length()) {
            throw new IllegalArgumentException(
                    "'%s' and '%s' (expected: of one length)".formatted(says, isHeardAs));
        }
        heard = isHeardAs;
        said = says;
    }

    @Override
    public void close() {
        set(State.CUT);
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var near = server.accept();
                if (state == State.CUT) {
                    reset(near);
                    continue;
                }
                Thread.ofVirtual().start(() -> join(near));
            } catch (IOException _) {
                // closed, or a connection that was gone before it was accepted
            }
        }
    }

    private void join(Socket near) {
        try {
            var far = new Socket(InetAddress.getLoopbackAddress(), target);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            sockets.add(near);
            sockets.add(far);
            if (state == State.CUT) {
                reset(near);
                reset(far);
                return;
            }
            Thread.ofVirtual().start(() -> carry(far, near));
            carry(near, far);
        } catch (IOException _) {
            reset(near);
        }
    }

    private void carry(Socket from, Socket to) {
        var piece = new byte[PIECE_BYTES];
        try {
            var in = from.getInputStream();
            var out = to.getOutputStream();
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                hold();
                out.write(said.isEmpty() ? piece : misheard(piece, read), 0, read);
                out.flush();
            }
        } catch (IOException _) {
            // one side has gone: so does the other
        } finally {
            reset(from);
            reset(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private byte[] misheard(byte[] piece, int length) {
        var text = new String(piece, 0, length, StandardCharsets.ISO_8859_1);
        return text.replace(said, heard).getBytes(StandardCharsets.ISO_8859_1);
    }

    private void hold() {
        if (state == State.SLOW) {
            LockSupport.parkNanos(delay.toNanos());
        }
        while (state == State.STALLED) {
            LockSupport.parkNanos(WHILE_STALLED.toNanos());
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException _) {
            // gone already
        }
    }
}
