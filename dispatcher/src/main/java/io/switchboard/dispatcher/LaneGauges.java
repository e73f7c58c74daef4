package io.switchboard.dispatcher;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.switchboard.dispatcher.lane.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.function.ToLongFunction;

/// Where each lane of this process stands, brought up to date each second.
///
/// Confined to the poll loop.
final class LaneGauges {
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final MultiGauge fence;
    private final MultiGauge floor;
    private final MultiGauge lag;
    private final ToLongFunction<Lane> lagOf;
    private final InstantSource clock;
    private Instant next = Instant.EPOCH;

    /// @param lagOf records behind the end of the lane's partition
    LaneGauges(MeterRegistry registry, InstantSource clock, ToLongFunction<Lane> lagOf) {
        this.lagOf = lagOf;
        this.clock = clock;
        fence = gauge(registry, "fence", "Offset through which the lane's shard has everything.");
        floor = gauge(registry, "floor", "Offset from which a rebuild would have to store.");
        lag = gauge(registry, "lag", "Records of the partition that are not yet appended.");
    }

    void tick(Collection<Lane> lanes) {
        var now = clock.instant();
        if (now.isBefore(next)) {
            return;
        }
        next = now.plus(PERIOD);
        show(fence, lanes, Lane::fence);
        show(floor, lanes, Lane::floor);
        show(lag, lanes, lagOf);
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String help) {
        return MultiGauge.builder("switchboard.lane." + name).description(help).register(registry);
    }

    private static void show(MultiGauge gauge, Collection<Lane> lanes, ToLongFunction<Lane> of) {
        gauge.register(
                lanes.stream()
                        .<MultiGauge.Row<?>>map(
                                lane ->
                                        MultiGauge.Row.of(
                                                Tags.of("lane", lane.id().toString()),
                                                of.applyAsLong(lane)))
                        .toList(),
                true);
    }
}
