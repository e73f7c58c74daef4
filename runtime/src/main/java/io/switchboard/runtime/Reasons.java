package io.switchboard.runtime;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// One thing counted by its reason: `switchboard_rejections_total{reason="url_is_unknown"}`. Every
/// reason is there from the start, so that an alert sees the first one happen.
///
/// Thread-safe.
public final class Reasons<E extends Enum<E>> {
    private final Map<E, Counter> counters;

    public Reasons(Class<E> type, String name, String help, MeterRegistry registry) {
        counters = new EnumMap<>(type);
        for (var each : type.getEnumConstants()) {
            counters.put(
                    each,
                    Counter.builder(name)
                            .description(help)
                            .tag("reason", each.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    public void increment(E reason) {
        Objects.requireNonNull(counters.get(reason)).increment();
    }
}
