package io.switchboard.producer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.Metrics;
import io.switchboard.runtime.Reasons;
import java.util.concurrent.TimeUnit;

/// What the front door counts and measures.
///
/// Thread-safe.
final class Meters {
    private final Counters<ProducerCounter> counters;
    private final Reasons<Refusal.Type> rejections;
    private final Timer accepted;

    Meters(MeterRegistry registry) {
        counters = new Counters<>(ProducerCounter.class, registry);
        rejections =
                new Reasons<>(
                        Refusal.Type.class,
                        "switchboard.rejections",
                        "A request was answered with a problem.",
                        registry);
        accepted =
                Metrics.latency(
                        registry,
                        "switchboard.posted.to.produced",
                        "From a request's first byte until Kafka has all of its events.");
    }

    void increment(ProducerCounter counter) {
        counters.increment(counter);
    }

    void add(ProducerCounter counter, long count) {
        counters.add(counter, count);
    }

    long value(ProducerCounter counter) {
        return counters.value(counter);
    }

    void rejected(Refusal.Type reason) {
        rejections.increment(reason);
    }

    void acceptedAfter(long nanos) {
        accepted.record(nanos, TimeUnit.NANOSECONDS);
    }
}
