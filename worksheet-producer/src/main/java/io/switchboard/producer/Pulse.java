package io.switchboard.producer;

import io.switchboard.runtime.Health;
import io.switchboard.schemas.Canary;
import java.time.Duration;
import java.time.InstantSource;

/// Whether Kafka takes what the front door is given. What requests bring is the best proof; while
/// they bring nothing, a canary that nobody waits for is written in their place.
///
/// Thread-safe; works on a thread of its own.
final class Pulse implements AutoCloseable {
    private final String id;
    private final KafkaSink sink;
    private final InstantSource clock;
    private final Thread thread = Thread.ofVirtual().name("pulse").unstarted(this::run);

    /// @param id of this process
    Pulse(String id, KafkaSink sink, InstantSource clock) {
        this.id = id;
        this.sink = sink;
        this.clock = clock;
    }

    Pulse start() {
        thread.start();
        return this;
    }

    Health.State state() {
        var since = sink.sinceTaken();
        if (since == null) {
            return Health.State.failing("Kafka has not taken a record yet");
        }
        return since.compareTo(Canary.LIMIT) < 0
                ? Health.State.ok()
                : Health.State.failing(
                        "Kafka has taken no record for %d s".formatted(since.toSeconds()));
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                var since = sink.sinceTaken();
                if (since == null || since.compareTo(Canary.PERIOD) >= 0) {
                    sink.tryCanary(id, clock.millis());
                }
                Thread.sleep(Duration.ofSeconds(1));
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
