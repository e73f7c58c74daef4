package io.switchboard.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.operator.AgentClient;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// An agent whose events are written down, each with its time.
///
/// Thread-safe.
final class WatchedAgent implements AutoCloseable {
    /// @param sentMillis the broker's timestamp of the event's record
    /// @param wallMillis when it was handled, on the wall clock, and `nanos` on the monotonic one
    record Arrival(String id, URI edge, long sentMillis, long wallMillis, long nanos) {}

    private final String uuid;
    private final AgentClient client;
    private final Thread thread;
    private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile @Nullable URI onlineOn;

    /// @param edges the first one is where it goes first
    WatchedAgent(String uuid, String token, List<URI> edges) {
        this.uuid = uuid;
        this.client = new AgentClient(edges, () -> token, RandomGenerator.getDefault());
        this.thread = Thread.ofVirtual().name("agent " + uuid).start(() -> client.run(listener()));
    }

    String uuid() {
        return uuid;
    }

    List<Arrival> arrivals() {
        return List.copyOf(arrivals);
    }

    boolean awaitOnline(Duration atMost) {
        return await(() -> onlineOn != null, atMost);
    }

    /// Returns when all of these have arrived.
    boolean awaitAll(List<String> ids, Duration atMost) {
        return await(() -> arrivals.stream().map(Arrival::id).toList().containsAll(ids), atMost);
    }

    @Override
    public void close() {
        client.close();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private AgentClient.Listener listener() {
        return new AgentClient.Listener() {
            @Override
            public void onEvent(URI edge, JsonNode frame) {
                var nanos = System.nanoTime();
                arrivals.add(
                        new Arrival(
                                frame.path("id").asText(),
                                edge,
                                frame.path("sent").asLong(),
                                System.currentTimeMillis(),
                                nanos));
                signal();
            }

            @Override
            public void onOther(URI edge, JsonNode frame) {
                if (frame.path("event").asText().equals("ONLINE")) {
                    onlineOn = edge;
                    signal();
                }
            }
        };
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean await(BooleanSupplier condition, Duration atMost) {
        var left = atMost.toNanos();
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }
}
