package io.switchboard.edge;

import io.switchboard.edge.delivery.CanaryLink;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.runtime.Health;
import io.switchboard.schemas.Canary;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.IntSupplier;

/// Whether events reach this edge node: every two seconds one of its own goes into Kafka, and must
/// come back through dispatcher, Redis and the edge's topic, by the way that all events take. A
/// process that answers, with a Redis and a Kafka that answer, may still deliver nothing.
///
/// Thread-safe; sends on a thread of its own.
final class DataPath implements AutoCloseable {
    /// What Kafka has not taken for so long is why none comes.
    private static final Duration TAKEN_LATELY = Duration.ofSeconds(5);

    /// The position check looks into the inbox every ten seconds.
    private static final Duration CHECKED_LATELY = Duration.ofSeconds(15);

    private final String id;
    private final String eventsTopic;
    private final IntSupplier lanes;
    private final Upstream writer;
    private final DeliveryDoor door;
    private final Meters meters;
    private final InstantSource clock;
    private final long by = new SecureRandom().nextLong();
    private final Thread thread = Thread.ofVirtual().name("canaries").unstarted(this::run);
    private final long began = System.nanoTime();
    private volatile long heardNanos = Long.MIN_VALUE;
    private volatile long foundNanos = Long.MIN_VALUE;
    private volatile long takenNanos = Long.MIN_VALUE;

    DataPath(
            String id,
            String eventsTopic,
            IntSupplier lanes,
            Upstream writer,
            DeliveryDoor door,
            Meters meters,
            InstantSource clock) {
        this.id = id;
        this.eventsTopic = eventsTopic;
        this.lanes = lanes;
        this.writer = writer;
        this.door = door;
        this.meters = meters;
        this.clock = clock;
    }

    void start() {
        var link = new CanaryLink(this::onHeard);
        door.tell(it -> it.listenForCanaries(Canary.address(id), link));
        thread.start();
    }

    /// Since when none has come; since the start before the first.
    Duration silence() {
        return since(heardNanos == Long.MIN_VALUE ? began : heardNanos);
    }

    Health.State state() {
        boolean none = heardNanos == Long.MIN_VALUE;
        var silence = silence();
        if (silence.compareTo(Canary.LIMIT) < 0) {
            return none
                    ? Health.State.failing("the first canary has not come yet")
                    : Health.State.ok();
        }
        return Health.State.failing(
                "no canary has come for %d s: %s".formatted(silence.toSeconds(), reason()));
    }

    private String reason() {
        if (!isLately(takenNanos, TAKEN_LATELY)) {
            return "Kafka does not take them";
        }
        return foundNanos > heardNanos && isLately(foundNanos, CHECKED_LATELY)
                ? "they are stored, and their hints do not come"
                : "Kafka takes them, and no dispatcher passes them on";
    }

    private static boolean isLately(long nanos, Duration limit) {
        return nanos != Long.MIN_VALUE && since(nanos).compareTo(limit) < 0;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private void onHeard(Canary canary, boolean hinted) {
        if (canary.by() != by) {
            return; // of a former life, or forged
        }
        if (hinted) {
            heardNanos = System.nanoTime();
            meters.canary(clock.millis() - canary.sentMillis());
        } else {
            foundNanos = System.nanoTime();
        }
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                send();
                Thread.sleep(Canary.PERIOD);
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private void send() {
        writer.send(
                new Canary(id, by, clock.millis()).record(eventsTopic, lanes.getAsInt()),
                taken -> {
                    if (taken) {
                        takenNanos = System.nanoTime();
                    }
                });
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
