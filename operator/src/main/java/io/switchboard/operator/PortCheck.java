package io.switchboard.operator;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Whether a port of this machine is free.
final class PortCheck {
    private PortCheck() {}

    static Finding look(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return Finding.ok("port", "%d is free".formatted(port));
        } catch (IOException e) {
            return Finding.fail(
                    "port",
                    "%d: %s (expected: free; `ss -ltnp 'sport = :%d'` names who has it)"
                            .formatted(port, e.getMessage(), port));
        }
    }
}
