package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Address;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A browser that does not read, on a real socket.
@Timeout(60)
class SlowBrowserTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final int EVENTS = 400;
    private static final String TEXT = "x".repeat(40_000);

    private final EdgeInProcess edge = new EdgeInProcess();

    @AfterEach
    void close() {
        edge.close();
    }

    @Test
    void whatItCouldNotTake_waitsInTheInbox_notInMemory_andComesInOrder() throws Exception {
        try (var slow = new Socket("127.0.0.1", edge.server.port())) {
            var in = new DataInputStream(slow.getInputStream());
            handshake(slow.getOutputStream(), in);
            assertThat(frame(in)).contains("CONNECT");
            say(
                    slow.getOutputStream(),
                    "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"ada\"}}");
            assertThat(frame(in)).contains("ONLINE");

            for (int i = 0; i < EVENTS; i++) {
                edge.send(ADA, i + " " + TEXT);
            }
            // 16 MB were sent to it: what is under way is its bound, and one page's last frame.
            Awaitility.await().until(() -> edge.door.waiting() == 0);
            assertThat(edge.server.queuedBytes()).isLessThan(2 * Budget.HIGH_BYTES);

            var got = new ArrayList<Integer>();
            while (got.size() < EVENTS) {
                var frame = frame(in);
                if (frame.contains("WorksheetMsg")) {
                    int at = frame.indexOf("\"infos\":\"") + 9;
                    got.add(Integer.parseInt(frame.substring(at, frame.indexOf(' ', at))));
                }
            }
            assertThat(got).isSorted().doesNotHaveDuplicates();
        }
        Awaitility.await().until(() -> edge.server.queuedBytes() == 0);
        Awaitility.await().until(() -> edge.server.connections() == 0);
    }

    private static void handshake(OutputStream out, DataInputStream in) throws IOException {
        out.write(
                ("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Sec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Protocol: switchboard.v1\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) in.readUnsignedByte());
        }
        assertThat(head.toString())
                .startsWith("HTTP/1.1 101")
                .contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    /// Masked with zeros, which is legal.
    private static void say(OutputStream out, String text) throws IOException {
        var payload = text.getBytes(StandardCharsets.UTF_8);
        assertThat(payload.length).isLessThan(126);
        out.write(new byte[] {(byte) 0x81, (byte) (0x80 | payload.length), 0, 0, 0, 0});
        out.write(payload);
    }

    private static String frame(DataInputStream in) throws IOException {
        in.readUnsignedByte();
        long length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        return new String(in.readNBytes((int) length), StandardCharsets.UTF_8);
    }
}
