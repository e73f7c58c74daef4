package io.switchboard.edge;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.Metrics;
import io.switchboard.runtime.Reasons;
import io.switchboard.schemas.CloseCode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The edge node's meters in Micrometer.
///
/// Thread-safe.
final class Meters implements EdgeMeters {
    private final Counters<EdgeCounter> counters;
    private final Reasons<CloseCode> closes;
    private final Timer hintedToWritten;
    private final Timer writtenToAcknowledged;
    private final Timer canary;

    private final @Nullable DeliveryTraces traces;

    /// @param traces null: off
    Meters(MeterRegistry registry, @Nullable DeliveryTraces traces) {
        this.traces = traces;
        counters = new Counters<>(EdgeCounter.class, registry);
        closes =
                new Reasons<>(
                        CloseCode.class,
                        "switchboard.closes",
                        "This edge node closed a connection.",
                        registry);
        hintedToWritten =
                Metrics.latency(
                        registry,
                        "switchboard.hinted.to.written",
                        "From the dispatcher's hint to the browser's socket; what goes to many in a row counts once.");
        writtenToAcknowledged =
                Metrics.latency(
                        registry,
                        "switchboard.written.to.acknowledged",
                        "From the socket to the browser's ACK, one event at a time of each listener.");
        canary =
                Metrics.latency(
                        registry,
                        "switchboard.canary",
                        "This edge node's own event, through Kafka, dispatcher and Redis back to it.");
    }

    @Override
    public void add(EdgeCounter counter, long count) {
        counters.add(counter, count);
    }

    @Override
    public void hintedToWritten(long millis) {
        record(hintedToWritten, millis);
    }

    @Override
    public boolean traces() {
        return traces != null;
    }

    @Override
    public void written(byte[] frame, long hintedMillis, long nowMillis) {
        if (traces != null) {
            traces.written(frame, hintedMillis, nowMillis);
        }
    }

    @Override
    public void writtenToAcknowledged(long millis) {
        record(writtenToAcknowledged, millis);
    }

    @Override
    public void closed(CloseCode reason) {
        closes.increment(reason);
    }

    void canary(long millis) {
        record(canary, millis);
    }

    /// Two machines' clocks may differ by more than it took.
    private static void record(Timer timer, long millis) {
        timer.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
    }
}
