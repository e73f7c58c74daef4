package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 7692 of a server that never agrees to it (RATIONALE.md says why): whatever is offered, the
/// handshake succeeds without it (§5.1), and then a frame that claims to be compressed fails the
/// connection (§6; RFC 6455 §5.2), unread: there is nothing to bomb.
class CompressionTest {
    private static final int FIN_TEXT = RawSocket.FIN | RawSocket.TEXT;
    private static final int BOMB_BYTES = 64 * 1024 * 1024;

    private static EdgeInProcess edge;

    @BeforeAll
    static void open() {
        edge = new EdgeInProcess();
    }

    @AfterAll
    static void close() {
        edge.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits=8",
                "permessage-deflate; client_max_window_bits=\"15\"",
                "permessage-deflate; server_max_window_bits=9",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=8",
                // What a server that agrees must decline (§7.1): unknown, twice, out of range.
                "permessage-deflate; unheard_of",
                "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
                "permessage-deflate; client_max_window_bits=99, permessage-deflate",
                "permessage-deflate; server_max_window_bits",
                "permessage-deflate; server_no_context_takeover=yes",
                "PERMESSAGE-DEFLATE",
                "permessage-bzip2, permessage-deflate",
                "x-webkit-deflate-frame",
                ";;,=\"",
            })
    void anOffer_isNotTaken_andTheConnectionGoesOnWithoutIt(String offer) throws Exception {
        try (var socket = RawSocket.open(edge)) {
            socket.write(RawSocket.upgrade("Sec-WebSocket-Extensions: " + offer + "\r\n"));
            assertThat(socket.head())
                    .startsWith("HTTP/1.1 101")
                    .doesNotContainIgnoringCase("extensions");
            socket.frame();
            socket.write(
                    RawSocket.frame(FIN_TEXT, deflated("{}".getBytes(StandardCharsets.UTF_8))));
            assertThat(socket.frame())
                    .as("taken for text, which it is not")
                    .startsWith("close 1007");
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                FIN_TEXT | RawSocket.RSV1,
                RawSocket.TEXT | RawSocket.RSV1,
                RawSocket.FIN | 2 | RawSocket.RSV1,
                RawSocket.FIN | RawSocket.PING | RawSocket.RSV1,
                RawSocket.FIN | 10 | RawSocket.RSV1,
                RawSocket.FIN | 8 | RawSocket.RSV1,
            })
    void aFrameThatSaysItIsCompressed_isAProtocolError(int first) throws Exception {
        try (var socket = RawSocket.upgraded(edge)) {
            socket.write(RawSocket.frame(first, deflated(new byte[] {'{', '}'})));
            assertThat(socket.frame()).isEqualTo("close 1002");
        }
    }

    @Test
    void aContinuationThatSaysItIsCompressed_isAProtocolError() throws Exception {
        try (var socket = RawSocket.upgraded(edge)) {
            socket.write(RawSocket.frame(RawSocket.TEXT, new byte[] {'{'}));
            socket.write(
                    RawSocket.frame(
                            RawSocket.FIN | RawSocket.RSV1 | RawSocket.CONTINUATION,
                            new byte[] {'}'}));
            assertThat(socket.frame()).isEqualTo("close 1002");
        }
    }

    /// 64 MiB of nothing in less than 64 KiB.
    @Test
    void aBomb_isNotUnpacked() throws Exception {
        var bomb = deflated(new byte[BOMB_BYTES]);
        assertThat(bomb).hasSizeBetween(32 * 1024, 64 * 1024);
        try (var socket = RawSocket.upgraded(edge)) {
            socket.write(RawSocket.frame(FIN_TEXT | RawSocket.RSV1, bomb));
            assertThat(socket.closeFrame()).isEqualTo("close 1002");
        }
    }

    /// As §7.2.1 wants it, but for the four bytes at the end.
    private static byte[] deflated(byte[] message) {
        var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        var out = new ByteArrayOutputStream();
        var buffer = new byte[8192];
        deflater.setInput(message);
        deflater.finish();
        while (!deflater.finished()) {
            out.write(buffer, 0, deflater.deflate(buffer));
        }
        deflater.end();
        return out.toByteArray();
    }
}
