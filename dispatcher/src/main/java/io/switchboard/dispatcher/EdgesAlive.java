package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.inbox.Leases;
import io.switchboard.schemas.EdgeRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which edge nodes a hint can still reach, as the leases say, read each second.
///
/// Only what is known to be over counts as dead: a lease that has been gone for a while, or one of
/// a smaller incarnation. A fresh edge may be named by an inbox before its lease was read, an
/// emptied Redis has no leases for a moment, and one that is away says nothing at all.
///
/// Confined to the poll loop; answers come in through its door.
final class EdgesAlive implements Ports.Edges {
    private static final Logger LOG = LoggerFactory.getLogger(EdgesAlive.class);
    static final Duration PERIOD = Duration.ofSeconds(1);

    /// Longer than an edge needs to take its lease again after Redis was emptied.
    static final Duration GRACE = Duration.ofSeconds(10);

    private final Leases leases;
    private final Ports.Door door;
    private final InstantSource clock;
    private final Consumer<EdgeRef> onNewEdge;

    private final Map<EdgeRef, Instant> lastSeen = new HashMap<>();
    private final Map<String, Long> newest = new HashMap<>();
    private Instant readAt = Instant.EPOCH;
    private Instant askedAt = Instant.EPOCH;
    private volatile int count;

    EdgesAlive(Leases leases, Ports.Door door, InstantSource clock, Consumer<EdgeRef> onNewEdge) {
        this.leases = leases;
        this.door = door;
        this.clock = clock;
        this.onNewEdge = onNewEdge;
    }

    void tick() {
        var now = clock.instant();
        if (now.isBefore(askedAt.plus(PERIOD))) {
            return;
        }
        askedAt = now;
        leases.all()
                .whenComplete(
                        (all, thrown) -> {
                            if (thrown == null) {
                                door.enter(() -> onLeases(all));
                            }
                        });
    }

    private void onLeases(List<Leases.Lease> all) {
        var now = clock.instant();
        readAt = now;
        count = all.size();
        for (var lease : all) {
            var edge = lease.edge();
            newest.merge(edge.id(), edge.incarnation(), Math::max);
            if (lastSeen.put(edge, now) == null) {
                LOG.atInfo().addKeyValue("edge", edge).log("An edge node lives");
                onNewEdge.accept(edge);
            }
        }
        lastSeen.values().removeIf(seen -> seen.isBefore(now.minus(GRACE.multipliedBy(360))));
    }

    /// Leases of the last look.
    int count() {
        return count;
    }

    @Override
    public boolean knows(String id) {
        return newest.containsKey(id);
    }

    @Override
    public boolean lives(EdgeRef edge) {
        var now = clock.instant();
        var largest = newest.get(edge.id());
        if (largest != null && edge.incarnation() < largest) {
            return false;
        }
        var seen = lastSeen.putIfAbsent(edge, now);
        if (seen == null || now.isAfter(readAt.plus(GRACE))) {
            return true;
        }
        return !seen.plus(GRACE).isBefore(now);
    }
}
