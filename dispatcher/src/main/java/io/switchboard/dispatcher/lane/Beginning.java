package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.Inbox;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.CommitMarker.Redelivery;
import io.switchboard.schemas.LaneId;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out where a lane begins ([LaneStart] decides) and prepares it: crosses a gap, commits,
/// fills an emptied shard.
///
/// Without a commit of its own a lane may not move the fence: the copies and letters of what it
/// passed would be nobody's, if it died before Kafka had them. And an operator's request stands in
/// such a commit before anything is done about it.
///
/// Owned by the lane's owner.
final class Beginning {
    private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);

    /// What the lane does about it.
    interface Listener {
        /// An emptied shard is being filled.
        void onRestoring();

        void onReady(Ready ready);

        /// Only a person can mend it.
        void onRefused(String reason);

        void onAway(Throwable thrown);
    }

    /// @param from first offset that is read
    /// @param init null when the shard has a fence
    /// @param lastCommit when the lane last committed, in whatever process; ms since the epoch
    record Ready(long from, Append.@Nullable Init init, long lastCommit) {}

    private record Asked(
            Ports.@Nullable Committed committed,
            Inbox.LaneState shard,
            Ports.Bounds events,
            Ports.Bounds acks,
            long horizon) {

        /// The lane's own commit, if it is one.
        @Nullable CommitMarker own(LaneId lane) {
            if (committed == null) {
                return null;
            }
            var marker = CommitMarker.decode(committed.metadata());
            return marker != null && marker.isOf(lane, committed.offset()) ? marker : null;
        }
    }

    private final LaneId lane;
    private final Ports ports;
    private final Progress progress;
    private final AcksTopic acks;
    private final Redelivering redelivering;
    private final Committing committing;
    private final Rebuild rebuild;
    private final Answers answers;
    private final Counters<DispatcherCounter> counters;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Listener listener;

    Beginning(
            LaneId lane,
            Ports ports,
            Progress progress,
            AcksTopic acks,
            Redelivering redelivering,
            Committing committing,
            Rebuild rebuild,
            Answers answers,
            Counters<DispatcherCounter> counters,
            InstantSource clock,
            RandomGenerator random,
            Listener listener) {
        this.lane = lane;
        this.ports = ports;
        this.progress = progress;
        this.acks = acks;
        this.redelivering = redelivering;
        this.committing = committing;
        this.rebuild = rebuild;
        this.answers = answers;
        this.counters = counters;
        this.clock = clock;
        this.random = random;
        this.listener = listener;
    }

    /// The fence is asked for first: the log's end, asked for after it, cannot lie before it by
    /// mere delay.
    void ask() {
        answers.inThisStep(ports.inbox().lane(lane), this::askKafka, listener::onAway);
    }

    private void askKafka(Inbox.LaneState shard) {
        var committed = ports.commits().committed(lane).toCompletableFuture();
        var events = ports.reader().bounds(Ports.Log.EVENTS, lane).toCompletableFuture();
        var acksBounds = ports.reader().bounds(Ports.Log.ACKS, lane).toCompletableFuture();
        var horizon =
                ports.reader()
                        .offsetAt(lane, clock.millis() - LaneSettings.HORIZON.toMillis())
                        .toCompletableFuture();
        answers.inThisStep(
                CompletableFuture.allOf(committed, events, acksBounds, horizon),
                _ ->
                        decide(
                                new Asked(
                                        committed.join(),
                                        shard,
                                        events.join(),
                                        acksBounds.join(),
                                        horizon.join())),
                listener::onAway);
    }

    private void decide(Asked asked) {
        var own = asked.own(lane);
        if (own != null) {
            progress.onCommitted(own.offset());
        }
        acks.begin(asked.acks.end());
        var plan =
                LaneStart.decide(
                        new LaneStart.Facts(
                                lane,
                                asked.committed,
                                asked.shard,
                                asked.events,
                                asked.horizon,
                                HexFormat.of().toHexDigits(random.nextInt())));
        switch (plan) {
            case StartPlan.Refuse(var reason) -> listener.onRefused(reason);
            case StartPlan.Resume resume -> {
                say(resume.notes());
                resume(resume, asked);
            }
            case StartPlan.Rebuild order -> {
                say(order.notes());
                rebuild(order, asked);
            }
        }
    }

    private void resume(StartPlan.Resume plan, Asked asked) {
        progress.begin(plan.from(), plan.effectsThrough(), plan.caught(), plan.skip());
        redelivering.begin(plan.redelivery());
        // What is below the fence and open is not known before the first append.
        long floor = Math.min(plan.from(), Math.max(asked.horizon, asked.events.begin()));
        Runnable ready = () -> ready(plan.from(), null, asked);
        cross(
                plan.advanceTo(),
                () ->
                        ownCommit(
                                plan.commitNow(),
                                marker(asked, plan.from(), floor, plan.redelivery()),
                                ready));
    }

    private void cross(@Nullable Long to, Runnable then) {
        if (to == null) {
            then.run();
            return;
        }
        counters.increment(DispatcherCounter.GAPS_CROSSED);
        answers.inThisStep(ports.inbox().advance(lane, to), _ -> then.run(), listener::onAway);
    }

    private void rebuild(StartPlan.Rebuild plan, Asked asked) {
        counters.increment(DispatcherCounter.LANES_REBUILT);
        listener.onRestoring();
        progress.begin(plan.from(), plan.effectsThrough(), plan.caught(), plan.skip());
        redelivering.begin(plan.redelivery());
        var id = HexFormat.of().toHexDigits(random.nextLong());
        var order = new Rebuild.Order(id, asked.acks, plan.from(), asked.events);
        Consumer<String> ready =
                token -> ready(plan.from(), new Append.Init(token, plan.base()), asked);
        ownCommit(
                plan.commitNow(),
                marker(asked, plan.from(), plan.from(), plan.redelivery()),
                () -> rebuild.run(order, ready, listener::onAway));
    }

    private void ownCommit(boolean needed, CommitMarker marker, Runnable then) {
        if (needed) {
            committing.first(marker, then, listener::onAway);
        } else {
            then.run();
        }
    }

    private CommitMarker marker(
            Asked asked, long from, long floor, @Nullable Redelivery redelivery) {
        return new CommitMarker(
                lane.tag(),
                from,
                floor,
                asked.shard.generation(),
                redelivery,
                null,
                clock.millis());
    }

    private void ready(long from, Append.@Nullable Init init, Asked asked) {
        var own = asked.own(lane);
        listener.onReady(new Ready(from, init, own == null ? clock.millis() : own.at()));
    }

    private void say(List<String> notes) {
        notes.forEach(note -> LOG.atWarn().addKeyValue("lane", lane).log("{}", note));
    }
}
