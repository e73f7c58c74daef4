package io.switchboard.edge.socket;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A far end that writes whatever bytes it likes.
final class RawSocket implements AutoCloseable {
    static final int TEXT = 1;
    static final int FIN = 0x80;
    static final int RSV1 = 0x40;
    static final int PING = 9;
    static final int CONTINUATION = 0;

    private static final int MILLIS = 10_000;
    private static final int MASKED = 0x80;

    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;

    private RawSocket(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(MILLIS);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new DataInputStream(socket.getInputStream());
    }

    static RawSocket open(EdgeInProcess edge) throws IOException {
        return new RawSocket(new Socket(InetAddress.getLoopbackAddress(), edge.server.port()));
    }

    /// A WebSocket that was greeted.
    static RawSocket upgraded(EdgeInProcess edge) throws IOException {
        var socket = open(edge);
        socket.write(upgrade(""));
        if (!socket.head().startsWith("HTTP/1.1 101")) {
            throw new IOException("no 101");
        }
        socket.frame();
        return socket;
    }

    static String upgrade(String moreHeaders) {
        return "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: switchboard.v1\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + moreHeaders
                + "\r\n";
    }

    void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /// A masked frame (with zeros, which is legal).
    static byte[] frame(int first, byte[] payload) {
        return frame(first, payload.length, payload);
    }

    /// One that says another length than it has.
    static byte[] frame(int first, long length, byte[] payload) {
        var bytes = ByteBuffer.allocate(14 + payload.length).put((byte) first);
        if (length < 126) {
            bytes.put((byte) (MASKED | length));
        } else if (length <= 0xFFFF) {
            bytes.put((byte) (MASKED | 126)).putShort((short) length);
        } else {
            bytes.put((byte) (MASKED | 127)).putLong(length);
        }
        bytes.putInt(0).put(payload);
        return java.util.Arrays.copyOf(bytes.array(), bytes.position());
    }

    String head() throws IOException {
        var head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            head.write(in.readUnsignedByte());
        }
        return head.toString(StandardCharsets.US_ASCII);
    }

    /// The next frame: its text, or `close 4506`.
    String frame() throws IOException {
        int opcode = in.readUnsignedByte() & 0xF;
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        }
        var payload = in.readNBytes(length);
        return opcode == 8
                ? "close " + ByteBuffer.wrap(payload).getShort()
                : new String(payload, StandardCharsets.UTF_8);
    }

    /// What the next close frame says, whatever comes before it.
    String closeFrame() throws IOException {
        for (var frame = frame(); ; frame = frame()) {
            if (frame.startsWith("close ")) {
                return frame;
            }
        }
    }

    /// Reads until the other side has closed, or says that it has not.
    boolean isClosedByThem() throws IOException {
        try {
            while (in.read() >= 0) {
                // whatever it says
            }
            return true;
        } catch (SocketException | EOFException _) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
