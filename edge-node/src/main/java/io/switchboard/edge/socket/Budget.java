package io.switchboard.edge.socket;

import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.EdgeMeters;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What this process may hold: connections, and bytes on their way to sockets.
///
/// Thread-safe.
final class Budget {
    /// A connection with so much under way is full …
    static final long HIGH_BYTES = 64 * 1024;

    /// … until so much is left.
    static final long LOW_BYTES = 32 * 1024;

    private final int maxConnections;
    private final long maxQueuedBytes;
    private final EdgeMeters meters;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong queuedBytes = new AtomicLong();

    Budget(SocketSettings settings, EdgeMeters meters) {
        this.maxConnections = settings.maxConnections();
        this.maxQueuedBytes = settings.maxQueuedBytes();
        this.meters = meters;
    }

    boolean tryConnect() {
        if (connections.incrementAndGet() > maxConnections) {
            connections.decrementAndGet();
            meters.increment(EdgeCounter.CONNECTIONS_REFUSED_BUDGET);
            return false;
        }
        return true;
    }

    void onDisconnected() {
        connections.decrementAndGet();
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
