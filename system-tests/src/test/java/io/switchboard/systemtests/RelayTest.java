package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.systemtests.harness.Relay;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayTest {
    private ServerSocket echo;
    private Relay relay;

    @BeforeEach
    void start() throws IOException {
        echo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::echo);
        relay = Relay.start(0, echo.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        relay.close();
        echo.close();
    }

    @Test
    void openLink_carries() throws IOException {
        try (var socket = connect()) {
            assertThat(say(socket, 7)).isEqualTo(7);
        }
    }

    @Test
    void stalledLink_carriesNothing_untilItIsOpenAgain() throws IOException {
        try (var socket = connect()) {
            assertThat(say(socket, 7)).isEqualTo(7);
            relay.set(Relay.State.STALLED);
            socket.setSoTimeout(300);

            assertThatThrownBy(() -> say(socket, 8)).isInstanceOf(SocketTimeoutException.class);

            socket.setSoTimeout(10_000);
            relay.set(Relay.State.OPEN);
            assertThat(socket.getInputStream().read()).isEqualTo(8);
        }
    }

    @Test
    void cutLink_resetsAndRefuses_andIsWholeAgain() throws IOException {
        try (var socket = connect()) {
            assertThat(say(socket, 7)).isEqualTo(7);

            relay.set(Relay.State.CUT);

            assertThatThrownBy(() -> say(socket, 8)).isInstanceOf(IOException.class);
        }
        relay.set(Relay.State.OPEN);
        try (var socket = connect()) {
            assertThat(say(socket, 9)).isEqualTo(9);
        }
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), relay.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static int say(Socket socket, int value) throws IOException {
        socket.getOutputStream().write(value);
        int answer = socket.getInputStream().read();
        if (answer < 0) {
            throw new IOException("closed");
        }
        return answer;
    }

    private void echo() {
        while (!echo.isClosed()) {
            try {
                var socket = echo.accept();
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (socket) {
                                        socket.getInputStream()
                                                .transferTo(socket.getOutputStream());
                                    } catch (IOException _) {
                                        // the test has closed it
                                    }
                                });
            } catch (IOException _) {
                // the test is over
            }
        }
    }
}
