package io.switchboard.dispatcher;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.switchboard.dispatcher.lane.LaneMeters;
import io.switchboard.runtime.Metrics;
import io.switchboard.runtime.Reasons;
import io.switchboard.schemas.ErrorCode;
import java.util.concurrent.TimeUnit;

/// The lanes' meters in Micrometer.
///
/// Thread-safe.
final class Meters implements LaneMeters {
    private final Timer stored;
    private final Reasons<ErrorCode> rejections;

    Meters(MeterRegistry registry) {
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
    public void rejected(ErrorCode reason) {
        rejections.increment(reason);
    }
}
