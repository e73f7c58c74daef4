package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.AppendAnswer.Outcome;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.ReceiptLevel;
import io.switchboard.schemas.RedrivenLetter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a record causes outside its shard: copies, hints, dead letters, receipts. All but hints
/// hold back the commit until Kafka has them.
///
/// Owned by the lane's owner.
final class Effects {
    private static final Logger LOG = LoggerFactory.getLogger(Effects.class);

    private final Router router;
    private final Ports ports;
    private final Progress progress;
    private final Answers answers;
    private final Counters<DispatcherCounter> counters;
    private final InstantSource clock;
    private final LaneMeters meters;

    Effects(
            Router router,
            Ports ports,
            Progress progress,
            Answers answers,
            Counters<DispatcherCounter> counters,
            InstantSource clock,
            LaneMeters meters) {
        this.meters = meters;
        this.router = router;
        this.ports = ports;
        this.progress = progress;
        this.answers = answers;
        this.counters = counters;
        this.clock = clock;
    }

    /// Before the append: what is forwarded once is not forwarded again by this lane, and not by
    /// its successor if the commit has passed it.
    void republish(Routed routed) {
        if (routed.copies().isEmpty() || !progress.republishes(routed.offset())) {
            return;
        }
        for (var copy : routed.copies()) {
            counters.increment(DispatcherCounter.RECORDS_REPUBLISHED);
            holdCommit(
                    routed.offset(),
                    ports.events().republish(copy),
                    thrown -> refuse(router.unwritable(routed.source(), thrown.getMessage())));
        }
    }

    /// After the append: what the shard answered is what happened.
    ///
    /// @param outcome null when the shard was not asked
    void onOutcome(Routed routed, @Nullable Outcome outcome) {
        var stored = outcome != null && outcome.kind() == Outcome.Kind.STORED;
        if (routed.isCanary()) {
            onCanary(routed, stored ? outcome : null);
            return;
        }
        if (outcome != null) {
            count(outcome);
        }
        boolean online = outcome != null && stored && hint(routed, outcome);
        if (progress.wasTold(routed.offset())) {
            return;
        }
        remember(routed, outcome);
        if (stored) {
            meters.storedAfter(clock.millis() - routed.source().timestamp());
            tellStored(routed, online);
        } else {
            // A record that another dispatcher stored is no dead letter, whatever we think of it.
            routed.refusals().forEach(this::refuse);
        }
        routed.dropped().forEach(each -> receipt(routed.offset(), each));
    }

    /// It is hinted as an event is, and nobody else hears of it.
    private void onCanary(Routed routed, @Nullable Outcome stored) {
        counters.increment(DispatcherCounter.CANARIES);
        if (stored != null) {
            hint(routed, stored);
        }
    }

    /// A repetition is not the first re-drive, and must not take its place.
    private void remember(Routed routed, @Nullable Outcome outcome) {
        var entry = routed.entry();
        if (entry == null || outcome == null || outcome.kind() == Outcome.Kind.REPEAT) {
            return;
        }
        for (var letter : entry.letterIds()) {
            var seen =
                    new RedrivenLetter(
                            letter,
                            router.lane().tag(),
                            entry.offset(),
                            routed.source().timestamp());
            holdCommit(
                    entry.offset(),
                    ports.outcomes().redriven(router.lane(), seen),
                    this::onRefused);
        }
    }

    private void tellStored(Routed routed, boolean online) {
        var entry = routed.entry();
        if (entry == null || entry.receipts() != ReceiptLevel.ALL) {
            return;
        }
        receipt(
                routed.offset(),
                new Receipt(
                        entry.eventId(),
                        Receipt.Kind.STORED,
                        entry.address(),
                        router.lane().position(entry.offset()),
                        Instant.ofEpochMilli(clock.millis()),
                        online,
                        null,
                        null));
    }

    private boolean hint(Routed routed, Outcome outcome) {
        var entry = routed.entry();
        if (entry == null || outcome.edges().isEmpty()) {
            return false;
        }
        var dead = new ArrayList<EdgeRef>();
        var frame = outcome.frame() == null ? entry.frame() : outcome.frame();
        var hint =
                new Hint(
                        entry.address(),
                        router.lane(),
                        entry.offset(),
                        outcome.prev(),
                        outcome.expiry(),
                        frame);
        for (var edge : outcome.edges()) {
            if (ports.edges().lives(edge)) {
                counters.increment(DispatcherCounter.HINTS_SENT);
                ports.hints().send(edge, hint);
            } else {
                counters.increment(DispatcherCounter.HINTS_DEAD_EDGE);
                dead.add(edge);
            }
        }
        if (!dead.isEmpty()) {
            answers.always(
                    ports.inbox().forget(router.lane(), entry.address(), dead), _ -> {}, _ -> {});
        }
        return dead.size() < outcome.edges().size();
    }

    private void count(Outcome outcome) {
        switch (outcome.kind()) {
            case STORED -> counters.increment(DispatcherCounter.EVENTS_STORED);
            case REPEAT -> counters.increment(DispatcherCounter.EVENTS_REPEATED);
            case DELAYED -> counters.increment(DispatcherCounter.EVENTS_DELAYED);
            case GONE -> counters.increment(DispatcherCounter.EVENTS_GONE);
            case PASSED -> {}
        }
    }

    void refuse(Refusal refusal) {
        var letter = refusal.letter();
        counters.increment(DispatcherCounter.DEAD_LETTERS);
        meters.rejected(letter.error());
        LOG.atWarn()
                .addKeyValue("event", refusal.eventId())
                .addKeyValue("position", letter.at())
                .log("Dead letter: {} ({})", letter.error().msg(), letter.detail());
        holdCommit(letter.at().offset(), ports.outcomes().deadLetter(letter), this::onRefused);
        if (refusal.receipt() != null) {
            receipt(letter.at().offset(), refusal.receipt());
        }
    }

    void receipt(long offset, Receipt receipt) {
        counters.increment(DispatcherCounter.RECEIPTS);
        holdCommit(offset, ports.outcomes().receipt(receipt), this::onRefused);
    }

    private void onRefused(Throwable thrown) {
        counters.increment(DispatcherCounter.OUTCOMES_REFUSED);
        LOG.atError()
                .addKeyValue("lane", router.lane())
                .log("Kafka refuses an outcome for good: {}", thrown.getMessage());
    }

    private void holdCommit(
            long offset,
            CompletionStage<Void> written,
            java.util.function.Consumer<Throwable> refused) {
        progress.effectBegins(offset);
        answers.always(
                written,
                _ -> progress.effectEnds(offset),
                thrown -> {
                    refused.accept(thrown);
                    progress.effectEnds(offset);
                });
    }
}
