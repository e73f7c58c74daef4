package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 6455 as Autobahn's groups 2 to 7 ask it, of the real pipeline: what a text said is told by
/// its answer, an error for what is no JSON (10103) or no event (10101).
class ProtocolTest {
    private static final int FIN_TEXT = RawSocket.FIN | RawSocket.TEXT;
    private static final int FIN_PING = RawSocket.FIN | RawSocket.PING;
    private static final int FIN_CONTINUATION = RawSocket.FIN | RawSocket.CONTINUATION;
    private static final int FIN_CLOSE = RawSocket.FIN | 8;

    private static EdgeInProcess edge;

    @BeforeAll
    static void open() {
        edge = new EdgeInProcess();
    }

    @AfterAll
    static void close() {
        edge.close();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void write(RawSocket socket, int first, byte[] payload) throws IOException {
        socket.write(RawSocket.frame(first, payload));
    }

    /// Group 2.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 125})
    void aPing_isAnsweredWithWhatItSaid(int length) throws Exception {
        try (var socket = RawSocket.upgraded(edge)) {
            var said = "p".repeat(length);
            write(socket, FIN_PING, text(said));
            assertThat(socket.frame()).isEqualTo(said);
        }
    }

    @Test
    void aPingOf126Bytes_isAProtocolError() throws Exception {
        assertCloses(1002, RawSocket.frame(FIN_PING, new byte[126]));
    }

    @Test
    void aPongThatNobodyAskedFor_isNothing() throws Exception {
        try (var socket = RawSocket.upgraded(edge)) {
            write(socket, RawSocket.FIN | 10, text("unasked"));
            write(socket, FIN_PING, text("still there"));
            assertThat(socket.frame()).isEqualTo("still there");
        }
    }

    /// Groups 3 and 4.
    @ParameterizedTest
    @ValueSource(ints = {0x40, 0x20, 0x10, 0x70})
    void reservedBits_areAProtocolError(int bits) throws Exception {
        assertCloses(1002, RawSocket.frame(FIN_TEXT | bits, text("{}")));
        assertCloses(1002, RawSocket.frame(FIN_PING | bits, text("p")));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    void reservedOpcodes_areAProtocolError(int opcode) throws Exception {
        assertCloses(1002, RawSocket.frame(RawSocket.FIN | opcode, new byte[0]));
        assertCloses(1002, RawSocket.frame(RawSocket.FIN | opcode, text("x")));
    }

    @Test
    void anUnmaskedFrame_isAProtocolError() throws Exception {
        assertCloses(1002, new byte[] {(byte) FIN_TEXT, 2, '{', '}'});
    }

    /// Group 5.
    @Test
    void fragments_areOneMessage_andAPingMayComeBetween() throws Exception {
        try (var socket = RawSocket.upgraded(edge)) {
            write(socket, RawSocket.TEXT, text("{\"eve"));
            write(socket, FIN_PING, text("between"));
            write(socket, RawSocket.CONTINUATION, text("nt\":"));
            write(socket, FIN_CONTINUATION, text("\"\"}"));
            assertThat(socket.frame()).isEqualTo("between");
            assertThat(socket.frame()).contains("10101");
        }
    }

    @Test
    void aContinuationOfNothing_andAMessageWithinAMessage_areProtocolErrors() throws Exception {
        assertCloses(1002, RawSocket.frame(FIN_CONTINUATION, text("x")));
        assertCloses(1002, RawSocket.frame(RawSocket.CONTINUATION, text("x")));
        assertCloses(
                1002,
                RawSocket.frame(RawSocket.TEXT, text("x")),
                RawSocket.frame(FIN_TEXT, text("y")));
    }

    @Test
    void aControlFrameInFragments_isAProtocolError() throws Exception {
        assertCloses(1002, RawSocket.frame(RawSocket.PING, text("x")));
    }

    /// Group 6.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64", // a surrogate
                "f4 90 80 80", // above U+10FFFF
                "c0 af", // overlong
                "e0 80 af",
                "fe",
                "ff",
                "80",
                "ed a0 80 ed b0 80",
                "f8 88 80 80 80",
                "ce ba e1 bd", // ends within a character
            })
    void whatIsNoUtf8_closesWith1007(String hex) throws Exception {
        var bytes = bytes(hex);
        assertCloses(1007, RawSocket.frame(FIN_TEXT, bytes));
        var parts = new ArrayList<byte[]>();
        parts.add(RawSocket.frame(RawSocket.TEXT, new byte[0]));
        for (byte each : bytes) {
            parts.add(RawSocket.frame(RawSocket.CONTINUATION, new byte[] {each}));
        }
        parts.add(RawSocket.frame(FIN_CONTINUATION, new byte[0]));
        assertCloses(1007, parts.toArray(new byte[0][]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "κόσμε", "\uD7FF\uE000\uFFFD\uFFFF", "\uDBFF\uDFFF", "\u0000\u007F"})
    void whatIsUtf8_isTaken_alsoCutWithinACharacter(String said) throws Exception {
        try (var socket = RawSocket.upgraded(edge)) {
            write(socket, FIN_TEXT, text(said));
            assertThat(socket.frame()).contains("10103");
            write(socket, RawSocket.TEXT, new byte[0]);
            for (byte each : text(said)) {
                write(socket, RawSocket.CONTINUATION, new byte[] {each});
            }
            write(socket, FIN_CONTINUATION, new byte[0]);
            assertThat(socket.frame()).contains("10103");
        }
    }

    private static byte[] bytes(String hex) {
        var words = hex.split(" ");
        var bytes = new byte[words.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(words[i], 16);
        }
        return bytes;
    }

    /// Group 7.
    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999})
    void aClose_isEchoed(int code) throws Exception {
        assertCloses(code, RawSocket.frame(FIN_CLOSE, closing(code, "bye")));
    }

    @ParameterizedTest
    @CsvSource({
        "0", "999", "1004", "1005", "1006", "1016", "1100", "2000", "2999", "5000", "65535"
    })
    void aCloseCodeThatNobodyMaySay_isAProtocolError(int code) throws Exception {
        assertCloses(1002, RawSocket.frame(FIN_CLOSE, closing(code, "")));
    }

    @Test
    void aCloseFrame_ofOneByte_ofTooMany_orOfNoUtf8_isRefused() throws Exception {
        assertCloses(1002, RawSocket.frame(FIN_CLOSE, new byte[] {3}));
        assertCloses(1002, RawSocket.frame(FIN_CLOSE, closing(1000, "x".repeat(124))));
        var broken = Arrays.copyOf(closing(1000, ""), 3);
        broken[2] = (byte) 0xff;
        assertCloses(1007, RawSocket.frame(FIN_CLOSE, broken));
    }

    @Test
    void nothingIsHeardAfterAClose() throws Exception {
        try (var socket = RawSocket.upgraded(edge)) {
            var both = new ArrayList<byte[]>();
            both.add(RawSocket.frame(FIN_CLOSE, closing(1000, "")));
            both.add(RawSocket.frame(FIN_PING, text("late")));
            for (var each : both) {
                socket.write(each);
            }
            assertThat(socket.frame()).isEqualTo("close 1000");
            assertThat(socket.isClosedByThem()).isTrue();
        }
    }

    private static byte[] closing(int code, String reason) {
        var words = text(reason);
        return ByteBuffer.allocate(2 + words.length).putShort((short) code).put(words).array();
    }

    /// Says these frames in one breath, since the last ones might find nobody, and is closed with
    /// that code.
    private static void assertCloses(int code, byte[]... frames) throws Exception {
        try (var socket = RawSocket.upgraded(edge)) {
            var all = new ByteArrayOutputStream();
            for (var each : frames) {
                all.write(each);
            }
            socket.write(all.toByteArray());
            assertThat(socket.closeFrame()).isEqualTo("close " + code);
            assertThat(socket.isClosedByThem()).isTrue();
        }
    }
}
