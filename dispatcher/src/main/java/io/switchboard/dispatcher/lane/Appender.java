package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.AppendAnswer;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.Address;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Moves the fence: one batch at a time, one append under way, everything that has gathered
/// meanwhile in the next one. An idle lane appends nothing each second, so that it notices when
/// its shard lost something.
///
/// A batch whose answer is unknown is sent again as it was: the shard recognises it.
///
/// Owned by the lane's owner.
final class Appender {

    /// What the lane does about an answer.
    interface Listener {
        /// The batch is in, with all that follows from it.
        void onAppended(AppendAnswer.Appended answer, List<Routed> batch);

        /// Nothing was stored; null: there is no fence.
        void onBehind(@Nullable Long fence);

        void onAcksBehind(long applied);

        void onAway(Throwable thrown);
    }

    /// @param stored is run when the shard has it; null: nobody wants to know
    private record Batch(
            List<Routed> routed,
            List<Routed> entries,
            Append append,
            long sentAt,
            @Nullable Runnable stored) {}

    private final Router router;
    private final Supplier<Apps> apps;
    private final Ports ports;
    private final Progress progress;
    private final Intake intake;
    private final Effects effects;
    private final AcksTopic acks;
    private final Answers answers;
    private final Counters<DispatcherCounter> counters;
    private final LaneMeters meters;
    private final InstantSource clock;
    private final Beat beat;
    private final Listener listener;

    private @Nullable Batch underWay;
    private Append.@Nullable Init init;
    private boolean again;

    Appender(
            Router router,
            Supplier<Apps> apps,
            Ports ports,
            Progress progress,
            Intake intake,
            Effects effects,
            AcksTopic acks,
            Answers answers,
            Counters<DispatcherCounter> counters,
            LaneMeters meters,
            InstantSource clock,
            Duration beat,
            Listener listener) {
        this.router = router;
        this.apps = apps;
        this.ports = ports;
        this.progress = progress;
        this.intake = intake;
        this.effects = effects;
        this.acks = acks;
        this.answers = answers;
        this.counters = counters;
        this.meters = meters;
        this.clock = clock;
        this.beat = new Beat(clock, beat);
        this.listener = listener;
    }

    /// @param newInit null when the shard has a fence
    void begin(Append.@Nullable Init newInit) {
        underWay = null;
        init = newInit;
        again = true;
    }

    /// The shard is behind: what was under way is read again.
    void goBack() {
        underWay = null;
        again = true;
    }

    /// More of the outbox is waiting.
    void soon() {
        again = true;
    }

    /// Sends the next batch, unless one is under way or nothing is to be said.
    void turn() {
        if (underWay != null) {
            return;
        }
        if (!intake.isEmpty() || again || beat.isDue()) {
            again = false;
            send(route(intake.batch()));
        }
    }

    /// Records of the batch that is under way.
    int underWay() {
        return underWay == null ? 0 : underWay.routed.size();
    }

    /// The timestamp of its first; 0 when there is none.
    long oldestUnderWay() {
        var batch = underWay;
        return batch == null || batch.routed.isEmpty()
                ? 0
                : batch.routed.getFirst().source().timestamp();
    }

    /// Once more, after Redis was away or its acks were put back.
    void repeat() {
        var batch = underWay;
        if (batch == null) {
            turn();
        } else {
            send(
                    new Batch(
                            batch.routed,
                            batch.entries,
                            current(batch),
                            clock.millis(),
                            batch.stored));
        }
    }

    private Batch route(List<LogRecord> records) {
        var now = apps.get();
        var routed = new ArrayList<Routed>(records.size());
        var entries = new ArrayList<Routed>(records.size());
        long end = progress.appended();
        long newest = progress.recordTime();
        for (var record : records) {
            var each = admitted(router.route(record, now, progress.skip()));
            effects.republish(each);
            routed.add(each);
            if (each.entry() != null) {
                entries.add(each);
            }
            end = record.offset();
            newest = Math.max(newest, record.timestamp());
        }
        counters.add(DispatcherCounter.RECORDS_READ, records.size());
        var first = records.isEmpty() ? end + 1 : records.getFirst().offset();
        var append =
                new Append(
                        router.lane(),
                        progress.appended(),
                        end,
                        entries.stream().map(Routed::entry).toList(),
                        newest,
                        acks.expected(),
                        progress.isCaughtUpAt(first),
                        acks.mayDrain(),
                        init);
        return new Batch(routed, entries, append, clock.millis(), traced(entries));
    }

    private @Nullable Runnable traced(List<Routed> entries) {
        if (entries.isEmpty() || !meters.traces()) {
            return null;
        }
        var events = new ArrayList<LaneMeters.Traced>(entries.size());
        for (var each : entries) {
            var entry = each.entry();
            if (entry != null && !each.isCanary()) {
                events.add(
                        new LaneMeters.Traced(
                                entry.eventId(), each.offset(), each.source().headers()));
            }
        }
        return meters.batch(router.lane(), events);
    }

    /// Whoever may write the topic may write canaries: they make inboxes for edge nodes only.
    private Routed admitted(Routed routed) {
        var entry = routed.entry();
        return routed.isCanary()
                        && entry != null
                        && entry.address() instanceof Address.Agent(_, var id)
                        && !ports.edges().knows(id)
                ? Routed.nothing(routed.source())
                : routed;
    }

    /// The same batch with what the lane knows of the acks by now.
    private Append current(Batch batch) {
        var old = batch.append;
        return new Append(
                old.lane(),
                old.prev(),
                old.end(),
                old.records(),
                old.recordTime(),
                acks.expected(),
                old.caps(),
                acks.mayDrain(),
                old.init());
    }

    private void send(Batch batch) {
        underWay = batch;
        beat.done();
        counters.increment(DispatcherCounter.APPENDS);
        answers.inThisStep(
                ports.inbox().append(batch.append),
                answer -> onAnswer(batch, answer),
                listener::onAway);
    }

    private void onAnswer(Batch batch, AppendAnswer answer) {
        switch (answer) {
            case AppendAnswer.Behind(var fence) -> listener.onBehind(fence);
            case AppendAnswer.AcksBehind(long applied) -> listener.onAcksBehind(applied);
            case AppendAnswer.Appended appended -> {
                underWay = null;
                init = null;
                onAppended(batch, appended);
                listener.onAppended(appended, batch.routed);
            }
        }
    }

    private void onAppended(Batch batch, AppendAnswer.Appended answer) {
        if (batch.stored != null) {
            batch.stored.run();
        }
        int at = 0;
        for (var each : batch.routed) {
            effects.onOutcome(each, each.entry() == null ? null : answer.outcomes().get(at++));
        }
        progress.onAppended(batch.append.end(), batch.append.recordTime(), answer);
    }
}
