package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// RESP2, one command at a time: for the baseline, which is to cost as little as can be.
final class RedisWire implements AutoCloseable {
    private final Socket socket;
    private final BufferedInputStream in;

    RedisWire(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /// @return its answer, if that is a text or a number
    @Nullable String call(List<byte[]> command) throws IOException {
        var out = new ByteArrayOutputStream();
        out.writeBytes(("*" + command.size() + "\r\n").getBytes(US_ASCII));
        for (var each : command) {
            out.writeBytes(("$" + each.length + "\r\n").getBytes(US_ASCII));
            out.writeBytes(each);
            out.writeBytes("\r\n".getBytes(US_ASCII));
        }
        socket.getOutputStream().write(out.toByteArray());
        return answer();
    }

    @Nullable String call(String... command) throws IOException {
        return call(java.util.Arrays.stream(command).map(each -> each.getBytes(UTF_8)).toList());
    }

    private @Nullable String answer() throws IOException {
        var line = line();
        var rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+', ':' -> rest;
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> {
                for (int left = Integer.parseInt(rest); left > 0; left--) {
                    answer();
                }
                yield null;
            }
            default -> throw new IOException("Redis answered " + line);
        };
    }

    private @Nullable String bulk(int length) throws IOException {
        return length < 0 ? null : new String(in.readNBytes(length + 2), 0, length, UTF_8);
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int each = in.read(); each != '\r'; each = in.read()) {
            if (each < 0) {
                throw new EOFException();
            }
            line.write(each);
        }
        in.read();
        return line.toString(UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
