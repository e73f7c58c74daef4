package io.switchboard.producer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.Metrics;
import io.switchboard.runtime.Reasons;
import io.switchboard.runtime.Tracing;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// What the front door counts and measures.
///
/// Thread-safe.
final class Meters {
    private final Counters<ProducerCounter> counters;
    private final Reasons<Refusal.Type> rejections;
    private final Timer accepted;

    private final @Nullable Tracing tracing;
    private final String topic;

    /// @param tracing null: off
    /// @param topic that events are sent to
    Meters(MeterRegistry registry, @Nullable Tracing tracing, String topic) {
        this.tracing = tracing;
        this.topic = topic;
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

    /// Spans of a request; null: off.
    @Nullable PostTrace trace(String path, Headers caller) {
        return tracing == null ? null : new PostTrace(tracing, topic, path, caller);
    }

    void rejected(Refusal.Type reason) {
        rejections.increment(reason);
    }

    void acceptedAfter(long nanos) {
        accepted.record(nanos, TimeUnit.NANOSECONDS);
    }
}
