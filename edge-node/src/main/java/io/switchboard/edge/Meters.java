package io.switchboard.edge;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.runtime.Counters;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The edge node's meters in Micrometer.
///
/// Thread-safe.
final class Meters implements EdgeMeters {
    private final Counters<EdgeCounter> counters;
    private final Timer sentToWritten;

    Meters(MeterRegistry registry) {
        counters = new Counters<>(EdgeCounter.class, registry);
        sentToWritten =
                Timer.builder("switchboard.sent.to.written")
                        .description("From the dispatcher's hint to the browser's socket.")
                        .serviceLevelObjectives(
                                Duration.ofMillis(1),
                                Duration.ofMillis(2),
                                Duration.ofMillis(5),
                                Duration.ofMillis(10),
                                Duration.ofMillis(25),
                                Duration.ofMillis(100),
                                Duration.ofSeconds(1))
                        .register(registry);
    }

    @Override
    public void add(EdgeCounter counter, long count) {
        counters.add(counter, count);
    }

    @Override
    public void sentToWritten(long millis) {
        sentToWritten.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
    }
}
