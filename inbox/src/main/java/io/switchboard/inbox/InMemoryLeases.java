package io.switchboard.inbox;

import io.switchboard.schemas.EdgeRef;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The [Leases] in plain Java, by the given clock.
///
/// Thread-safe, by one lock.
public final class InMemoryLeases implements Leases {
    private record Held(Lease lease, long until) {}

    private record Tidier(String who, long until) {}

    private final InstantSource clock;
    private final Map<String, Long> incarnations = new HashMap<>();
    private final Map<String, Held> held = new TreeMap<>();
    private final Map<String, Integer> laneCounts = new HashMap<>();
    private @Nullable Tidier tidier;

    public InMemoryLeases(InstantSource clock) {
        this.clock = clock;
    }

    /// Loses everything, as an emptied Redis does.
    public synchronized void flush() {
        incarnations.clear();
        held.clear();
        laneCounts.clear();
        tidier = null;
    }

    /// Loses one edge's lease.
    public synchronized void lose(String edgeId) {
        held.remove(edgeId);
    }

    @Override
    public synchronized CompletionStage<Long> nextIncarnation(String edgeId) {
        return answer(
                incarnations.merge(edgeId, clock.millis(), (last, now) -> Math.max(last + 1, now)));
    }

    @Override
    public synchronized CompletionStage<Boolean> take(
            EdgeRef edge, EdgeNotice notice, Duration ttl) {
        var holder = holder(edge.id());
        if (holder != null && holder.lease().edge().incarnation() > edge.incarnation()) {
            return answer(false);
        }
        held.put(edge.id(), new Held(new Lease(edge, notice), until(ttl)));
        return answer(true);
    }

    @Override
    public synchronized CompletionStage<Boolean> refresh(
            EdgeRef edge, EdgeNotice notice, Duration ttl) {
        var holder = holder(edge.id());
        if (holder == null || !holder.lease().edge().equals(edge)) {
            return answer(false);
        }
        held.put(edge.id(), new Held(new Lease(edge, notice), until(ttl)));
        return answer(true);
    }

    @Override
    public synchronized CompletionStage<Void> release(EdgeRef edge) {
        held.values().removeIf(each -> each.lease().edge().equals(edge));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletionStage<List<Lease>> all() {
        held.values().removeIf(each -> each.until() <= clock.millis());
        return answer(held.values().stream().map(Held::lease).toList());
    }

    @Override
    public synchronized CompletionStage<Integer> laneCount(String tag, int partitions) {
        return answer(laneCounts.computeIfAbsent(tag, _ -> partitions));
    }

    @Override
    public synchronized CompletionStage<Boolean> janitor(String who, Duration ttl) {
        if (tidier != null && tidier.until() > clock.millis() && !tidier.who().equals(who)) {
            return answer(false);
        }
        tidier = new Tidier(who, until(ttl));
        return answer(true);
    }

    private @Nullable Held holder(String edgeId) {
        var holder = held.get(edgeId);
        return holder == null || holder.until() <= clock.millis() ? null : holder;
    }

    private long until(Duration ttl) {
        return clock.millis() + ttl.toMillis();
    }

    private static <T> CompletionStage<T> answer(T value) {
        return CompletableFuture.completedFuture(value);
    }
}
