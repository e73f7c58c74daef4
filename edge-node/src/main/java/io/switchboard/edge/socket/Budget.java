package io.switchboard.edge.socket;

import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.EdgeMeters;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What this process may hold and do: connections, handshakes a second, and bytes on their way to
/// sockets.
///
/// Thread-safe.
final class Budget {
    /// A connection with so much under way is full …
    static final long HIGH_BYTES = 64 * 1024;

    /// … until so much is left.
    static final long LOW_BYTES = 32 * 1024;

    private static final int IPV6_NETWORK_BYTES = 8;

    private final int maxConnections;
    private final int connectionsPerAddress;
    private final long maxQueuedBytes;
    private final EdgeMeters meters;
    private final TokenBucket handshakes;
    private final TokenBucket tlsHandshakes;
    private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong queuedBytes = new AtomicLong();

    Budget(SocketSettings settings, EdgeMeters meters, long nowMillis) {
        this.maxConnections = settings.maxConnections();
        this.connectionsPerAddress = settings.connectionsPerAddress();
        this.handshakes = new TokenBucket(settings.handshakesPerSecond(), nowMillis);
        this.tlsHandshakes = new TokenBucket(settings.handshakesPerSecond(), nowMillis);
        this.maxQueuedBytes = settings.maxQueuedBytes();
        this.meters = meters;
    }

    /// A connection that was let in says [#onDisconnected] when it ends.
    boolean tryConnect(InetAddress from) {
        if (connections.incrementAndGet() > maxConnections) {
            connections.decrementAndGet();
            meters.increment(EdgeCounter.CONNECTIONS_REFUSED_BUDGET);
            return false;
        }
        if (!tryAddress(from)) {
            connections.decrementAndGet();
            meters.increment(EdgeCounter.CONNECTIONS_REFUSED_ADDRESS);
            return false;
        }
        return true;
    }

    private boolean tryAddress(InetAddress from) {
        if (connectionsPerAddress == 0) {
            return true;
        }
        var network = network(from);
        if (byAddress.merge(network, 1, Integer::sum) > connectionsPerAddress) {
            leave(network);
            return false;
        }
        return true;
    }

    /// Whoever has one IPv6 address has a /64 of them.
    private static InetAddress network(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        var bytes = address.getAddress();
        Arrays.fill(bytes, IPV6_NETWORK_BYTES, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }

    private void leave(InetAddress network) {
        byAddress.computeIfPresent(network, (_, count) -> count == 1 ? null : count - 1);
    }

    void onDisconnected(InetAddress from) {
        connections.decrementAndGet();
        if (connectionsPerAddress > 0) {
            leave(network(from));
        }
    }

    /// Before anything is done for it that costs.
    boolean tryHandshake(long nowMillis) {
        return tryTake(handshakes, nowMillis);
    }

    /// The same for TLS, which comes first: it has a bucket of its own.
    boolean tryTls(long nowMillis) {
        return tryTake(tlsHandshakes, nowMillis);
    }

    private boolean tryTake(TokenBucket bucket, long nowMillis) {
        synchronized (bucket) {
            if (bucket.take(nowMillis)) {
                return true;
            }
        }
        meters.increment(EdgeCounter.HANDSHAKES_LIMITED);
        return false;
    }

    int connections() {
        return connections.get();
    }

    long queuedBytes() {
        return queuedBytes.get();
    }

    void add(long bytes) {
        queuedBytes.addAndGet(bytes);
    }

    /// Whether a connection that has so much under way may be given more. One frame is always
    /// allowed: a frame may be larger than the bound.
    boolean allows(long queuedOfConnection) {
        if (queuedOfConnection == 0) {
            return true;
        }
        if (queuedOfConnection >= HIGH_BYTES) {
            return false;
        }
        if (queuedBytes.get() >= maxQueuedBytes) {
            meters.increment(EdgeCounter.BYTES_OVER_BUDGET);
            return false;
        }
        return true;
    }
}
