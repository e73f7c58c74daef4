package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.AppendAnswer;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition of the events topic, for as long as it is assigned to this process: a new
/// assignment is a new lane, and answers to the old one are ignored.
///
/// The lane itself holds only its state and what comes next; each concern is a neighbour of its
/// own (see the package). It has no thread, and no clock but the given one: whoever owns it calls
/// [#begin], [#onRecords] and, some times a second, [#tick].
///
/// Owned by one thread; answers come in through [Ports.Door].
public final class Lane {
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    /// Something that only a person can mend is looked at again, but not often.
    private static final Duration REFUSED_WAIT = Duration.ofSeconds(10);

    private final LaneId id;
    private final LaneSettings settings;
    private final Ports ports;
    private final Counters<DispatcherCounter> counters;
    private final InstantSource clock;
    private final RandomGenerator random;

    private final Answers answers;
    private final Progress progress;
    private final Intake intake;
    private final Effects effects;
    private final AcksTopic acks;
    private final Appender appender;
    private final Beginning beginning;
    private final Committing committing;
    private final Releases releases;
    private final Redelivering redelivering;
    private final Overdue overdue;

    /// Written by the owner; health looks at it from elsewhere.
    private volatile LaneState state = new LaneState.Starting(0);
    private int failures;
    private final Beat sweeps;
    private final Beat acksChecks;
    private boolean sweeping;
    private long acksAppliedBefore = -1;

    public Lane(
            Router router,
            Supplier<Apps> apps,
            LaneSettings settings,
            Ports ports,
            Counters<DispatcherCounter> counters,
            InstantSource clock,
            RandomGenerator random) {
        this(router, apps, settings, ports, counters, clock, random, LaneMeters.NONE);
    }

    public Lane(
            Router router,
            Supplier<Apps> apps,
            LaneSettings settings,
            Ports ports,
            Counters<DispatcherCounter> counters,
            InstantSource clock,
            RandomGenerator random,
            LaneMeters meters) {
        this.id = router.lane();
        this.settings = settings;
        this.ports = ports;
        this.counters = counters;
        this.clock = clock;
        this.random = random;
        sweeps = new Beat(clock, settings.beat());
        acksChecks = new Beat(clock, settings.acksCheck());
        answers = new Answers(ports.door());
        progress = new Progress(id);
        intake = new Intake(ports.source());
        effects = new Effects(router, ports, progress, answers, counters, clock, meters);
        acks = new AcksTopic(id, ports, answers, counters, clock);
        appender =
                new Appender(
                        router,
                        apps,
                        ports,
                        progress,
                        intake,
                        effects,
                        acks,
                        answers,
                        counters,
                        meters,
                        clock,
                        settings.beat(),
                        new AfterAppend());
        releases = new Releases(router, apps, ports, answers, effects, counters);
        redelivering =
                new Redelivering(
                        router,
                        apps,
                        ports,
                        answers,
                        effects,
                        counters,
                        clock,
                        settings.redeliveriesPerSecond());
        overdue = new Overdue(router, apps, ports, answers, effects, counters, clock);
        committing =
                new Committing(
                        id,
                        ports,
                        progress,
                        redelivering,
                        answers,
                        counters,
                        clock,
                        settings.beat());
        beginning =
                new Beginning(
                        id,
                        ports,
                        progress,
                        acks,
                        redelivering,
                        committing,
                        new Rebuild(router, apps, ports, answers),
                        answers,
                        counters,
                        clock,
                        random,
                        new AsItBegins());
    }

    // --- what the owner calls

    /// Asks where to begin; nothing is read before that is known.
    public void begin() {
        start();
    }

    public void onRecords(List<LogRecord> records) {
        if (state instanceof LaneState.Stopped) {
            return;
        }
        intake.add(records);
        if (state instanceof LaneState.Running) {
            appender.turn();
        }
    }

    /// The log does not hold what the lane wanted to read: where it begins is decided anew.
    public void onOutOfRange() {
        if (!(state instanceof LaneState.Stopped)) {
            LOG.atWarn().addKeyValue("lane", id).log("The log does not hold the next record");
            start();
        }
    }

    /// The consumer forgets what is paused when an assignment changes.
    public void onAssignmentChanged() {
        if (!(state instanceof LaneState.Stopped)) {
            intake.apply();
        }
    }

    public void tick() {
        switch (state) {
            case LaneState.Holding holding when !clock.instant().isBefore(holding.until()) ->
                    resume(holding);
            case LaneState.Running _ -> beat();
            case LaneState.Holding _, LaneState.Starting _, LaneState.Restoring _ -> {}
            case LaneState.Stopped _ -> {}
        }
    }

    /// What the lane would commit now; null: nothing. For the last commit of an assignment.
    public @Nullable CommitMarker toCommit() {
        return state instanceof LaneState.Stopped ? null : committing.marker();
    }

    /// The partition is somebody else's.
    public void stop() {
        state = new LaneState.Stopped();
        answers.end();
    }

    public LaneId id() {
        return id;
    }

    public LaneState state() {
        return state;
    }

    public long fence() {
        return progress.fence();
    }

    public long floor() {
        return progress.floor();
    }

    /// Records read and not yet appended.
    public int waiting() {
        return intake.size() + appender.underWay();
    }

    /// The broker's timestamp of the oldest of them, ms since the epoch; 0: there is none.
    public long oldestWaiting() {
        long underWay = appender.oldestUnderWay();
        return underWay > 0 ? underWay : intake.oldest();
    }

    /// Why it does nothing just now; null when it does.
    public @Nullable String trouble() {
        return switch (state) {
            case LaneState.Running _ -> null;
            case LaneState.Starting _ -> "starting";
            case LaneState.Restoring _ -> "rebuilding its shard";
            case LaneState.Holding holding -> holding.reason();
            case LaneState.Stopped _ -> "stopped";
        };
    }

    // --- starting

    private void start() {
        counters.increment(DispatcherCounter.LANES_STARTED);
        answers.moveOn();
        intake.hold();
        state = new LaneState.Starting(failures);
        beginning.ask();
    }

    private final class AsItBegins implements Beginning.Listener {
        @Override
        public void onRestoring() {
            state = new LaneState.Restoring(failures);
        }

        @Override
        public void onReady(Beginning.Ready ready) {
            state = new LaneState.Running();
            sweeps.done();
            acksChecks.done();
            acksAppliedBefore = -1;
            sweeping = false;
            releases.restart();
            committing.begin();
            overdue.restart(ready.lastCommit(), ready.from());
            intake.restartAt(ready.from());
            intake.flow();
            LOG.atInfo().addKeyValue("lane", id).log("Running from {}", ready.from());
            appender.begin(ready.init());
            appender.turn();
        }

        @Override
        public void onRefused(String reason) {
            LOG.atError().addKeyValue("lane", id).log("The lane does not start: {}", reason);
            state =
                    new LaneState.Holding(
                            clock.instant().plus(REFUSED_WAIT), failures, false, reason);
        }

        @Override
        public void onAway(Throwable thrown) {
            hold(thrown);
        }
    }

    // --- running

    private void beat() {
        appender.turn();
        committing.tick();
        if (sweeps.isDue() && !sweeping) {
            sweep();
        }
        if (acksChecks.isDue()) {
            acksChecks.done();
            acks.check();
        }
        redelivering.tick();
        overdue.tick();
    }

    private void sweep() {
        sweeps.done();
        sweeping = true;
        answers.inThisStep(
                ports.inbox().sweep(id),
                swept -> {
                    sweeping = false;
                    if (progress.isCaughtUpAt(progress.appended() + 1)) {
                        releases.release(swept.due());
                    }
                    if (swept.expired() > 0) {
                        appender.soon();
                    }
                    if (swept.more()) {
                        sweeps.soon();
                    }
                },
                _ -> sweeping = false);
    }

    private final class AfterAppend implements Appender.Listener {

        @Override
        public void onAppended(AppendAnswer.Appended answer, List<Routed> batch) {
            failures = 0;
            acksAppliedBefore = -1;
            releases.onRead(batch);
            acks.drain(answer.outbox(), answer.outboxLeft() ? this::soon : null);
            watchOverdue(answer, batch);
            if (state instanceof LaneState.Running) {
                appender.turn();
            }
        }

        private void soon() {
            appender.soon();
            if (state instanceof LaneState.Running) {
                appender.turn();
            }
        }

        @Override
        public void onBehind(@Nullable Long fence) {
            counters.increment(DispatcherCounter.LANES_BEHIND);
            if (fence == null) {
                start();
            } else {
                goBackTo(fence);
            }
        }

        @Override
        public void onAcksBehind(long applied) {
            counters.increment(DispatcherCounter.ACKS_BEHIND);
            if (applied == acksAppliedBefore) {
                // A shard without a fence takes positions by a restore only: rebuild it once more.
                state = new LaneState.Starting(failures);
                hold(new IllegalStateException("the shard does not take the acks topic in"));
                return;
            }
            acksAppliedBefore = applied;
            acks.apply(applied, appender::repeat, Lane.this::hold);
        }

        @Override
        public void onAway(Throwable thrown) {
            hold(thrown);
        }
    }

    private void watchOverdue(AppendAnswer.Appended answer, List<Routed> batch) {
        int at = 0;
        for (var each : batch) {
            if (each.entry() != null) {
                overdue.onStored(each, answer.outcomes().get(at++));
            }
        }
    }

    /// Redis lost the last of what it had; the log has it.
    private void goBackTo(long fence) {
        LOG.atWarn()
                .addKeyValue("lane", id)
                .log("The shard's fence is {}, behind {}", fence, progress.appended());
        answers.moveOn();
        progress.goBackTo(fence);
        acks.restart();
        releases.restart();
        redelivering.restart();
        sweeping = false;
        intake.restartAt(fence + 1);
        appender.goBack();
        appender.turn();
    }

    // --- trouble

    private void hold(Throwable thrown) {
        counters.increment(DispatcherCounter.LANES_HELD);
        var wait = settings.wait(failures, random);
        failures++;
        var reason = thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
        LOG.atWarn().addKeyValue("lane", id).log("Holding for {} ms: {}", wait.toMillis(), reason);
        intake.hold();
        acks.restart();
        releases.restart();
        redelivering.restart();
        sweeping = false;
        answers.moveOn();
        state =
                new LaneState.Holding(
                        clock.instant().plus(wait),
                        failures,
                        state instanceof LaneState.Running,
                        reason);
    }

    private void resume(LaneState.Holding holding) {
        if (!holding.started()) {
            start();
            return;
        }
        state = new LaneState.Running();
        intake.flow();
        appender.repeat();
    }
}
