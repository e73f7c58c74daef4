package io.switchboard.dispatcher.lane;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.CommitMarker.Redelivery;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out an operator's reset backwards: the events of a range are republished, marked with
/// the redelivery's id, while live ones go on.
///
/// Nothing is sent before the request stands in a commit of the lane's own, and what Kafka has
/// acknowledged rides in the commits after it: a crash neither forgets the request nor begins it
/// anew. What is sent twice even so, the shard recognises by event and redelivery.
///
/// Owned by the lane's owner.
final class Redelivering {
    private static final Logger LOG = LoggerFactory.getLogger(Redelivering.class);

    private final Router router;
    private final Supplier<Apps> apps;
    private final Ports ports;
    private final Answers answers;
    private final Effects effects;
    private final Counters<DispatcherCounter> counters;
    private final InstantSource clock;
    private final int perSecond;

    private @Nullable Redelivery asked;
    private boolean reading;
    private long readTo;
    private final ArrayDeque<LogRecord> waiting = new ArrayDeque<>();
    private final TreeMap<Long, Integer> underWay = new TreeMap<>();
    private double budget;
    private long lastTick;

    Redelivering(
            Router router,
            Supplier<Apps> apps,
            Ports ports,
            Answers answers,
            Effects effects,
            Counters<DispatcherCounter> counters,
            InstantSource clock,
            int perSecond) {
        this.router = router;
        this.apps = apps;
        this.ports = ports;
        this.answers = answers;
        this.effects = effects;
        this.counters = counters;
        this.clock = clock;
        this.perSecond = perSecond;
    }

    /// @param request stands in a commit of the lane's own before the first tick
    void begin(@Nullable Redelivery request) {
        asked = request;
        waiting.clear();
        underWay.clear();
        lastTick = clock.millis();
        budget = 0;
        restart();
    }

    /// What was being read is read again.
    void restart() {
        reading = false;
        if (asked != null) {
            waiting.clear();
            readTo = Math.max(asked.next(), underWay.isEmpty() ? 0 : underWay.lastKey() + 1);
        }
    }

    /// What belongs into the next commit; null when there is nothing left to do.
    @Nullable Redelivery progress() {
        if (asked == null) {
            return null;
        }
        asked = asked.reached(done());
        return asked.done() ? null : asked;
    }

    void onCommitted(@Nullable Redelivery inCommit) {
        if (asked == null) {
            return;
        }
        if (inCommit == null && asked.done()) {
            LOG.atInfo()
                    .addKeyValue("lane", router.lane())
                    .log("Redelivery '{}' is done: {} to {}", asked.id(), asked.from(), asked.to());
            asked = null;
        }
    }

    void tick() {
        if (asked == null) {
            return;
        }
        long now = clock.millis();
        budget = Math.min(perSecond, budget + Math.max(0, now - lastTick) / 1000.0 * perSecond);
        lastTick = now;
        while (budget >= 1 && !waiting.isEmpty()) {
            budget -= 1;
            send(asked, waiting.removeFirst());
        }
        if (waiting.isEmpty() && !reading && readTo < asked.to()) {
            read(asked);
        }
    }

    private void read(Redelivery request) {
        reading = true;
        answers.inThisStep(
                ports.reader().read(Ports.Log.EVENTS, router.lane(), readTo, request.to()),
                chunk -> {
                    reading = false;
                    waiting.addAll(chunk.records());
                    readTo = chunk.next();
                },
                _ -> reading = false);
    }

    private void send(Redelivery request, LogRecord record) {
        var ttlFrom = Instant.ofEpochMilli(clock.millis());
        var copy = router.again(record, apps.get(), request.id(), ttlFrom);
        if (copy == null) {
            return;
        }
        counters.increment(DispatcherCounter.RECORDS_REDELIVERED);
        long offset = record.offset();
        underWay.merge(offset, 1, Integer::sum);
        answers.always(
                ports.events().republish(copy),
                _ -> underWay.remove(offset),
                thrown -> {
                    underWay.remove(offset);
                    effects.refuse(router.unwritable(record, thrown.getMessage()));
                });
    }

    /// Everything below it was sent and acknowledged, or is not to be sent.
    private long done() {
        long next = readTo;
        if (!waiting.isEmpty()) {
            next = Math.min(next, waiting.getFirst().offset());
        }
        if (!underWay.isEmpty()) {
            next = Math.min(next, underWay.firstKey());
        }
        return next;
    }
}
