package io.switchboard.dispatcher;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.switchboard.dispatcher.lane.Lane;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Whether lanes move. Each second Kafka is asked where the lanes' partitions end, beside the
/// stream that the lanes read, since a consumer whose broker is silent only waits, and says
/// nothing. A lane that has something before it and has not moved for a while is stuck.
///
/// Confined to the poll loop, but [#trouble] and [#silence].
final class LaneWatch {
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int ANY_LANE = 0;

    /// Where a lane was when it last moved, or had nothing before it.
    private record Mark(long fence, long next, Instant at) {}

    /// @param lagMillis age of what waits
    private record Standing(Lane lane, long lag, long lagMillis) {}

    private final Function<Set<Integer>, CompletionStage<Map<Integer, Long>>> ends;
    private final ToLongFunction<LaneId> next;
    private final Ports.Door door;
    private final InstantSource clock;
    private final MultiGauge fence;
    private final MultiGauge floor;
    private final MultiGauge lag;
    private final MultiGauge lagSeconds;
    private final Map<LaneId, Mark> marks = new HashMap<>();
    private Instant due = Instant.EPOCH;
    private boolean asking;
    private volatile Instant answered;
    private volatile @Nullable String trouble;
    private volatile int stuck;

    /// @param ends of these partitions of the events topic; fails when Kafka is away
    /// @param next offset that the consumer reads next; negative: not known just now
    LaneWatch(
            Function<Set<Integer>, CompletionStage<Map<Integer, Long>>> ends,
            ToLongFunction<LaneId> next,
            Ports.Door door,
            InstantSource clock,
            MeterRegistry registry) {
        this.ends = ends;
        this.next = next;
        this.door = door;
        this.clock = clock;
        this.answered = clock.instant();
        fence = gauge(registry, "fence", "Offset through which the lane's shard has everything.");
        floor = gauge(registry, "floor", "Offset from which a rebuild would have to store.");
        lag = gauge(registry, "lag", "Records of the partition that are not yet appended.");
        lagSeconds = gauge(registry, "lag.seconds", "Age of the oldest of them, about.");
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String help) {
        return MultiGauge.builder("switchboard.lane." + name).description(help).register(registry);
    }

    void tick(Collection<Lane> lanes) {
        var now = clock.instant();
        if (asking || now.isBefore(due)) {
            return;
        }
        due = now.plus(PERIOD);
        asking = true;
        var asked = List.copyOf(lanes);
        var partitions = new java.util.TreeSet<Integer>();
        asked.forEach(lane -> partitions.add(lane.id().partition()));
        if (partitions.isEmpty()) {
            partitions.add(ANY_LANE); // without a lane, Kafka must answer all the same
        }
        ends.apply(partitions)
                .whenComplete((found, thrown) -> door.enter(() -> onEnds(asked, found)));
    }

    /// How long ago Kafka's last answer was taken in here.
    Duration silence() {
        return Duration.between(answered, clock.instant());
    }

    /// Which lane does not do its work, and why; null: all do.
    @Nullable String trouble() {
        return trouble;
    }

    /// How many have not moved, though something waits and nothing is known to hold them up.
    int stuck() {
        return stuck;
    }

    private void onEnds(List<Lane> lanes, @Nullable Map<Integer, Long> found) {
        asking = false;
        if (found == null) {
            return;
        }
        var now = clock.instant();
        answered = now;
        marks.keySet().retainAll(lanes.stream().map(Lane::id).toList());
        var standings =
                lanes.stream()
                        .map(lane -> standing(lane, found.getOrDefault(partition(lane), 0L), now))
                        .toList();
        var behind = standings.stream().filter(each -> isStuck(each, now)).toList();
        stuck = behind.size();
        trouble = behind.isEmpty() ? null : reason(behind.getFirst(), now);
        show(fence, standings, it -> it.lane().fence());
        show(floor, standings, it -> it.lane().floor());
        show(lag, standings, Standing::lag);
        show(lagSeconds, standings, it -> it.lagMillis() / 1_000.0);
    }

    private Standing standing(Lane lane, long end, Instant now) {
        long at = next.applyAsLong(lane.id());
        long ahead = at < 0 ? 0 : Math.max(0, end - at);
        long waiting = ahead + lane.waiting();
        var mark = marks.get(lane.id());
        if (mark == null || waiting == 0 || mark.fence() != lane.fence() || mark.next() != at) {
            mark = new Mark(lane.fence(), at, now);
            marks.put(lane.id(), mark);
        }
        if (waiting == 0) {
            return new Standing(lane, 0, 0);
        }
        long since = lane.oldestWaiting() > 0 ? lane.oldestWaiting() : mark.at().toEpochMilli();
        return new Standing(lane, waiting, Math.max(0, now.toEpochMilli() - since));
    }

    /// A lane that says itself what holds it up is not counted again.
    private boolean isStuck(Standing each, Instant now) {
        return each.lag() > 0
                && each.lane().trouble() == null
                && unmoved(each, now).compareTo(Canary.LIMIT) >= 0;
    }

    private Duration unmoved(Standing each, Instant now) {
        var mark = marks.get(each.lane().id());
        return mark == null ? Duration.ZERO : Duration.between(mark.at(), now);
    }

    private String reason(Standing each, Instant now) {
        return "lane %s: %d records wait, and it has not moved for %d s"
                .formatted(each.lane().id(), each.lag(), unmoved(each, now).toSeconds());
    }

    private static int partition(Lane lane) {
        return lane.id().partition();
    }

    private static void show(
            MultiGauge gauge,
            List<Standing> standings,
            java.util.function.ToDoubleFunction<Standing> of) {
        gauge.register(
                standings.stream()
                        .<MultiGauge.Row<?>>map(
                                each ->
                                        MultiGauge.Row.of(
                                                Tags.of("lane", each.lane().id().toString()),
                                                of.applyAsDouble(each)))
                        .toList(),
                true);
    }
}
