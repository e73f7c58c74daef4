package io.switchboard.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// The counters of a process: `HINTS_DROPPED` is `switchboard_hints_dropped_total` on /metrics.
///
/// Thread-safe.
public final class Counters<E extends Enum<E> & Counter> {
    private final Map<E, io.micrometer.core.instrument.Counter> counters;

    public Counters(Class<E> type, MeterRegistry registry) {
        counters = new EnumMap<>(type);
        for (var each : type.getEnumConstants()) {
            counters.put(
                    each,
                    io.micrometer.core.instrument.Counter.builder(
                                    "switchboard."
                                            + each.name()
                                                    .toLowerCase(Locale.ROOT)
                                                    .replace('_', '.'))
                            .description(each.help())
                            .register(registry));
        }
    }

    public void add(E counter, long count) {
        of(counter).increment((double) count);
    }

    public void increment(E counter) {
        of(counter).increment();
    }

    public long value(E counter) {
        return (long) of(counter).count();
    }

    private io.micrometer.core.instrument.Counter of(E counter) {
        return java.util.Objects.requireNonNull(counters.get(counter));
    }
}
