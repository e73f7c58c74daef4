package io.switchboard.dispatcher;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.switchboard.dispatcher.lane.LaneMeters;
import io.switchboard.runtime.Metrics;
import io.switchboard.runtime.Reasons;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.LaneId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The lanes' meters in Micrometer.
///
/// Thread-safe.
final class Meters implements LaneMeters {
    private final Timer stored;
    private final Reasons<ErrorCode> rejections;

    private final @Nullable BatchTraces traces;

    /// @param traces null: off
    Meters(MeterRegistry registry, @Nullable BatchTraces traces) {
        this.traces = traces;
        stored =
                Metrics.latency(
                        registry,
                        "switchboard.produced.to.stored",
                        "From the broker's timestamp of a record until its shard has it.");
        rejections =
                new Reasons<>(
                        ErrorCode.class,
                        "switchboard.rejections",
                        "A record, or one target of it, became a dead letter.",
                        registry);
    }

    @Override
    public void storedAfter(long millis) {
        stored.record(Math.max(0, millis), TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean traces() {
        return traces != null;
    }

    @Override
    public @Nullable Runnable batch(LaneId lane, List<Traced> events) {
        return traces == null ? null : traces.begin(lane, events);
    }

    @Override
    public void rejected(ErrorCode reason) {
        rejections.increment(reason);
    }
}
