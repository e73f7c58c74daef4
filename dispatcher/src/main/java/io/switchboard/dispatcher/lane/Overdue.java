package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.AppendAnswer;
import io.switchboard.inbox.Feed;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches for events that nobody acknowledges in the time that their route allows
/// (`overdue_after`), and says so to the producer.
///
/// A check is a timer of the lane; it asks the inbox whether the entry still stands open when its
/// time has come. A successor sets the timers again from the log, those that were not yet due at
/// the last commit, so that a takeover may repeat an `overdue` receipt but not swallow one.
///
/// Owned by the lane's owner.
final class Overdue {
    private static final Logger LOG = LoggerFactory.getLogger(Overdue.class);
    private static final int MAX_CHECKS = 100_000;
    private static final int AT_ONCE = 50;

    private record Check(Instant at, Address address, String eventId, long offset) {}

    private final Router router;
    private final Supplier<Apps> apps;
    private final Ports ports;
    private final Answers answers;
    private final Effects effects;
    private final Counters<DispatcherCounter> counters;
    private final InstantSource clock;
    private final PriorityQueue<Check> checks =
            new PriorityQueue<>(Comparator.comparing(Check::at).thenComparingLong(Check::offset));
    private final Set<Long> watched = new HashSet<>();
    private int asking;

    Overdue(
            Router router,
            Supplier<Apps> apps,
            Ports ports,
            Answers answers,
            Effects effects,
            Counters<DispatcherCounter> counters,
            InstantSource clock) {
        this.router = router;
        this.apps = apps;
        this.ports = ports;
        this.answers = answers;
        this.effects = effects;
        this.counters = counters;
        this.clock = clock;
    }

    /// Sets the timers of what was stored before `from`.
    ///
    /// @param since what was overdue before was said by then, ms since the epoch
    void restart(long since, long from) {
        var longest = longest();
        if (longest == null) {
            return;
        }
        answers.always(
                ports.reader().offsetAt(router.lane(), since - longest.toMillis()),
                start -> watchAgain(since, start, from),
                this::couldNotRead);
    }

    private void watchAgain(long since, long at, long from) {
        if (at >= from) {
            return;
        }
        answers.always(
                ports.reader().read(Ports.Log.EVENTS, router.lane(), at, from),
                chunk -> {
                    for (var record : chunk.records()) {
                        var routed = router.route(record, apps.get(), 0);
                        if (routed.overdueAt() != null
                                && routed.overdueAt().toEpochMilli() >= since) {
                            watch(routed);
                        }
                    }
                    watchAgain(since, chunk.next(), from);
                },
                this::couldNotRead);
    }

    private void couldNotRead(Throwable thrown) {
        LOG.atWarn()
                .addKeyValue("lane", router.lane())
                .log("Overdue events of the past are not watched: {}", thrown.getMessage());
    }

    private @Nullable Duration longest() {
        Duration longest = null;
        for (var route : apps.get().routes().values()) {
            var after = route.overdueAfter();
            if (after != null && (longest == null || after.compareTo(longest) > 0)) {
                longest = after;
            }
        }
        return longest;
    }

    void onStored(Routed routed, AppendAnswer.Outcome outcome) {
        if (outcome.kind() == AppendAnswer.Outcome.Kind.STORED) {
            watch(routed);
        }
    }

    private void watch(Routed routed) {
        if (routed.overdueAt() == null
                || routed.entry() == null
                || watched.contains(routed.offset())) {
            return;
        }
        if (checks.size() >= MAX_CHECKS) {
            counters.increment(DispatcherCounter.OVERDUE_DROPPED);
            return;
        }
        var entry = routed.entry();
        watched.add(entry.offset());
        checks.add(new Check(routed.overdueAt(), entry.address(), entry.eventId(), entry.offset()));
    }

    void tick() {
        var now = Instant.ofEpochMilli(clock.millis());
        while (asking < AT_ONCE && !checks.isEmpty() && !checks.peek().at().isAfter(now)) {
            ask(checks.remove());
        }
    }

    private void ask(Check check) {
        asking++;
        answers.always(
                ports.inbox().read(router.lane(), check.address(), check.offset() - 1, 1),
                feed -> {
                    asking--;
                    watched.remove(check.offset());
                    judge(check, feed);
                },
                _ -> {
                    asking--;
                    checks.add(
                            new Check(
                                    Instant.ofEpochMilli(clock.millis()).plusSeconds(1),
                                    check.address(),
                                    check.eventId(),
                                    check.offset()));
                });
    }

    private void judge(Check check, Feed feed) {
        var open =
                feed.entries().stream().anyMatch(entry -> entry.offset() == check.offset())
                        && feed.standing().settled() < check.offset();
        if (!open) {
            return;
        }
        counters.increment(DispatcherCounter.OVERDUE);
        LOG.atInfo()
                .addKeyValue("event", check.eventId())
                .addKeyValue("position", router.lane().position(check.offset()))
                .log("Overdue: nobody has acknowledged it");
        effects.receipt(
                check.offset(),
                new Receipt(
                        check.eventId(),
                        Receipt.Kind.OVERDUE,
                        check.address(),
                        router.lane().position(check.offset()),
                        Instant.ofEpochMilli(clock.millis()),
                        null,
                        null,
                        null));
    }
}
