package io.switchboard.edge.socket;

import java.time.Duration;

/// The limits of sockets. Each default has its reason.
///
/// Immutable.
///
/// @param loops event loops
/// @param maxConnections in this process; more are refused with 503
/// @param connectionsPerAddress from one IP address (IPv6: one /64); 0: any number
/// @param handshakesPerSecond in this process, on average; twice as many at once, more get 503
/// @param maxQueuedBytes in this process; above, a connection has one frame under way at a time
/// @param connectTimeout for the HTTP request, and then for CONNECT
/// @param heartbeat two unanswered: closed
/// @param framesPerSecond from one browser, on average; twice as many at once
/// @param publishesPerSecond the same for PUBLISH
public record SocketSettings(
        int loops,
        int maxConnections,
        int connectionsPerAddress,
        int handshakesPerSecond,
        long maxQueuedBytes,
        Duration connectTimeout,
        Duration heartbeat,
        int framesPerSecond,
        int publishesPerSecond) {

    /// Sockets cost little: one loop a core, up to what one delivery thread can feed.
    public static final int LOOPS = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);

    public static final int MAX_CONNECTIONS = 1_000_000;

    /// Any: an office or a proxy is one address. Whoever faces the internet directly sets it.
    public static final int CONNECTIONS_PER_ADDRESS = 0;

    /// A herd of 100,000 is back within 20 s, and those who are connected are served meanwhile.
    public static final int HANDSHAKES_PER_SECOND = 5_000;

    /// A quarter of the heap, most of which lies outside of it.
    public static final long MAX_QUEUED_BYTES = Runtime.getRuntime().maxMemory() / 4;

    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /// A tab that acknowledges each event of a burst by itself stays below it.
    public static final int FRAMES_PER_SECOND = 200;

    public static final int PUBLISHES_PER_SECOND = 20;

    public static final SocketSettings DEFAULTS =
            new SocketSettings(
                    LOOPS,
                    MAX_CONNECTIONS,
                    CONNECTIONS_PER_ADDRESS,
                    HANDSHAKES_PER_SECOND,
                    MAX_QUEUED_BYTES,
                    CONNECT_TIMEOUT,
                    Duration.ofSeconds(25),
                    FRAMES_PER_SECOND,
                    PUBLISHES_PER_SECOND);

    /// These, with what flags say.
    public SocketSettings with(
            Duration heartbeat,
            int maxConnections,
            int connectionsPerAddress,
            int handshakesPerSecond) {
        return new SocketSettings(
                loops,
                maxConnections,
                connectionsPerAddress,
                handshakesPerSecond,
                maxQueuedBytes,
                connectTimeout,
                heartbeat,
                framesPerSecond,
                publishesPerSecond);
    }

    public SocketSettings {
        atLeast("loops", loops, 1);
        atLeast("maxConnections", maxConnections, 1);
        atLeast("connectionsPerAddress", connectionsPerAddress, 0);
        atLeast("handshakesPerSecond", handshakesPerSecond, 1);
        atLeast("maxQueuedBytes", maxQueuedBytes, Budget.HIGH_BYTES);
        atLeast("connectTimeout", connectTimeout.toMillis(), 1);
        atLeast("heartbeat", heartbeat.toMillis(), 1_000);
        atLeast("framesPerSecond", framesPerSecond, 1);
        atLeast("publishesPerSecond", publishesPerSecond, 1);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "%s: %d (expected: ≥ %d)".formatted(name, value, least));
        }
    }
}
