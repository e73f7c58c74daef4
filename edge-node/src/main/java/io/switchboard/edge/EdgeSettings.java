package io.switchboard.edge;

import io.switchboard.edge.delivery.DeliverySettings;
import io.switchboard.edge.socket.SocketSettings;
import io.switchboard.runtime.AdminFlags;
import io.switchboard.schemas.EdgeRef;
import java.time.Duration;

/// One edge node, completely said.
///
/// Immutable.
///
/// @param id of the edge node; one process at a time has it
/// @param port for browsers; 0: any free one
/// @param tls whether browsers' port speaks it
/// @param publicUrl what people are told that browsers connect to; empty: host and port
/// @param leaseTtl after so long without a sign this edge node counts as dead
public record EdgeSettings(
        String id,
        String host,
        int port,
        boolean tls,
        String publicUrl,
        Duration leaseTtl,
        DeliverySettings delivery,
        SocketSettings sockets) {

    public static final int PORT = 9081;

    /// Refreshed each second: four may go wrong before dispatchers stop hinting to us.
    public static final Duration LEASE_TTL = Duration.ofSeconds(5);

    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(2);
    private static final int MAX_PORT = 65_535;

    public EdgeSettings {
        new EdgeRef(id, 0);
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "port: %d (expected: 0 to %d)".formatted(port, MAX_PORT));
        }
        if (publicUrl.isEmpty() && port != 0) {
            publicUrl = browsersUrl(tls, host, port);
        }
        if (leaseTtl.compareTo(SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException(
                    "leaseTtl: %s (expected: ≥ %s, it is refreshed each second)"
                            .formatted(leaseTtl, SHORTEST_LEASE));
        }
        if (!delivery.heartbeat().equals(sockets.heartbeat())) {
            throw new IllegalArgumentException(
                    "heartbeat: browsers are told %s (expected: what sockets beat by, %s)"
                            .formatted(delivery.heartbeat(), sockets.heartbeat()));
        }
    }

    /// Where browsers connect.
    String urlAt(int boundPort) {
        return publicUrl.isEmpty() ? browsersUrl(tls, host, boundPort) : publicUrl;
    }

    /// Where tools ask.
    String adminUrlAt(int adminPort) {
        return "http://%s:%d".formatted(AdminFlags.reachable(host), adminPort);
    }

    private static String browsersUrl(boolean tls, String host, int port) {
        return "%s://%s:%d/ws".formatted(tls ? "wss" : "ws", AdminFlags.reachable(host), port);
    }
}
