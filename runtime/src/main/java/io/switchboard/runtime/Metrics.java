package io.switchboard.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;

/// The registry of a process, with what every JVM tells of itself.
public final class Metrics {
    /// From what nobody notices to what somebody calls about.
    private static final Duration[] LATENCIES =
            java.util.stream.LongStream.of(
                            1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
                            60_000)
                    .mapToObj(Duration::ofMillis)
                    .toArray(Duration[]::new);

    private Metrics() {}

    public static PrometheusMeterRegistry registry() {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmInfoMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        return registry;
    }

    /// A histogram in seconds, its buckets the same everywhere, so that those of several processes
    /// add up.
    public static Timer latency(MeterRegistry registry, String name, String help) {
        return Timer.builder(name)
                .description(help)
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }
}
