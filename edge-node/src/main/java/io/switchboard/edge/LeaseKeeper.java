package io.switchboard.edge;

import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.inbox.EdgeNotice;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Owns this life of the edge node: its incarnation, its topic, its lease.
///
/// The order matters. The topic exists and its end is known before the lease is taken, and browsers
/// are let in only then: whoever hints to us finds the topic, and nothing hinted is missed. A lease
/// that was lost (Redis was emptied, or we were frozen) is followed by a new life; one that a
/// larger incarnation holds is another process with our id, and ends this one.
///
/// Thread-safe; works on a thread of its own.
final class LeaseKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration WAIT = Duration.ofSeconds(3);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final Duration JOIN = Duration.ofSeconds(5);

    private final Leases leases;
    private final Admin admin;
    private final HintReader reader;
    private final DeliveryDoor door;
    private final EdgeMeters meters;
    private final Duration ttl;
    private final Consumer<EdgeRef> onUsurped;
    private final Consumer<Throwable> onFatal;
    private final Thread thread = Thread.ofPlatform().name("lease").daemon().unstarted(this::run);
    private volatile Supplier<EdgeNotice> notice = () -> EdgeNotice.NONE;
    private volatile EdgeRef edge;
    private volatile long heldNanos = System.nanoTime();
    private volatile boolean away;
    private volatile boolean renewal;
    private volatile boolean closed;

    /// Takes the first lease.
    ///
    /// @param onUsurped another process has our id
    LeaseKeeper(
            String id,
            Duration ttl,
            Leases leases,
            Admin admin,
            HintReader reader,
            DeliveryDoor door,
            EdgeMeters meters,
            Consumer<EdgeRef> onUsurped,
            Consumer<Throwable> onFatal) {
        this.ttl = ttl;
        this.leases = leases;
        this.admin = admin;
        this.reader = reader;
        this.door = door;
        this.meters = meters;
        this.onUsurped = onUsurped;
        this.onFatal = onFatal;
        this.edge = first(id);
    }

    /// Waits for a Redis that is away: this process could do nothing better.
    private EdgeRef first(String id) {
        try {
            for (int attempt = 0; ; attempt++) {
                try {
                    return begin(id);
                } catch (ExecutionException | TimeoutException e) {
                    LOG.atWarn()
                            .addKeyValue("edge", id)
                            .log("No lease yet, Redis did not answer: {}", e.toString());
                    Thread.sleep(wait(attempt));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while taking the lease of edge '%s'".formatted(id), e);
        }
    }

    /// Full jitter, since all edge nodes wait for the same Redis.
    private static Duration wait(int attempt) {
        long limit =
                Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(attempt, 8));
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(limit) + 1);
    }

    LeaseKeeper start() {
        thread.start();
        return this;
    }

    EdgeRef edge() {
        return edge;
    }

    /// Whether Redis did not answer when it was last asked.
    boolean isAway() {
        return away;
    }

    Duration sinceHeld() {
        return Duration.ofNanos(System.nanoTime() - heldNanos);
    }

    /// What the lease says from now on: asked each second.
    void announce(Supplier<EdgeNotice> now) {
        notice = now;
        leases.refresh(edge, now.get(), ttl);
    }

    /// Our topic has vanished: a new life is needed though the lease is ours.
    void renew() {
        renewal = true;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(JOIN);
            answer(leases.release(edge));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.atInfo()
                    .addKeyValue("edge", edge)
                    .log("The lease ends by itself: {}", e.toString());
        }
        EdgeTopic.delete(admin, edge);
    }

    private EdgeRef begin(String id)
            throws ExecutionException, TimeoutException, InterruptedException {
        var now = new EdgeRef(id, answer(leases.nextIncarnation(id)));
        reader.follow(Topics.edge(now), EdgeTopic.create(admin, now));
        if (!answer(leases.take(now, notice.get(), ttl))) {
            throw new Failure(
                    "the lease of edge '%s' is held by a newer process (expected: one process with this --id)"
                            .formatted(id));
        }
        heldNanos = System.nanoTime();
        LOG.atInfo().addKeyValue("edge", now).log("Lease taken");
        return now;
    }

    private void run() {
        try {
            while (!closed) {
                Thread.sleep(PERIOD);
                refresh();
            }
        } catch (InterruptedException _) {
            // closed
        } catch (RuntimeException | Error e) {
            if (!closed) {
                onFatal.accept(e);
            }
        }
    }

    private void refresh() throws InterruptedException {
        try {
            if (!renewal && answer(leases.refresh(edge, notice.get(), ttl))) {
                heldNanos = System.nanoTime();
            } else {
                onLost();
            }
            away = false;
        } catch (ExecutionException | TimeoutException e) {
            if (!away) {
                LOG.atWarn()
                        .addKeyValue("edge", edge)
                        .log("The lease was not refreshed: {}", e.toString());
            }
            away = true;
        } catch (Failure e) {
            LOG.atWarn().addKeyValue("edge", edge).log("No new life yet: {}", e.getMessage());
        }
    }

    private void onLost() throws ExecutionException, TimeoutException, InterruptedException {
        for (var each : answer(leases.all())) {
            if (each.edge().id().equals(edge.id())
                    && each.edge().incarnation() > edge.incarnation()) {
                onUsurped.accept(each.edge());
                closed = true;
                return;
            }
        }
        meters.increment(EdgeCounter.LEASES_LOST);
        LOG.atWarn().addKeyValue("edge", edge).log("The lease was lost: beginning a new life");
        var before = edge;
        edge = begin(before.id());
        renewal = false;
        door.incarnation(edge);
        EdgeTopic.delete(admin, before);
    }

    private static <T> T answer(CompletionStage<T> asked)
            throws ExecutionException, TimeoutException, InterruptedException {
        return asked.toCompletableFuture().get(WAIT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
