package io.switchboard.dispatcher.lane;

import io.switchboard.runtime.Counters;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes down how far the lane has come, once a beat.
///
/// Owned by the lane's owner.
final class Committing {
    /// How long a commit that would say nothing new is left out.
    private static final Duration SAME = Duration.ofMinutes(1);

    private final LaneId lane;
    private final Ports ports;
    private final Progress progress;
    private final Redelivering redelivering;
    private final Answers answers;
    private final Counters<DispatcherCounter> counters;
    private final InstantSource clock;
    private final Beat beat;
    private @Nullable CommitMarker last;

    Committing(
            LaneId lane,
            Ports ports,
            Progress progress,
            Redelivering redelivering,
            Answers answers,
            Counters<DispatcherCounter> counters,
            InstantSource clock,
            Duration beat) {
        this.lane = lane;
        this.ports = ports;
        this.progress = progress;
        this.redelivering = redelivering;
        this.answers = answers;
        this.counters = counters;
        this.clock = clock;
        this.beat = new Beat(clock, beat);
    }

    void begin() {
        beat.done();
    }

    /// The first commit of the lane's own, before it does anything.
    void first(CommitMarker marker, Runnable then, Consumer<Throwable> failed) {
        answers.inThisStep(
                ports.commits().commit(lane, marker.offset(), marker),
                _ -> {
                    onCommitted(marker);
                    then.run();
                },
                failed);
    }

    void tick() {
        if (!beat.isDue()) {
            return;
        }
        var marker = marker();
        if (marker == null) {
            return;
        }
        beat.done();
        if (!saysTheSame(marker)) {
            answers.always(
                    ports.commits().commit(lane, marker.offset(), marker),
                    _ -> onCommitted(marker),
                    _ -> counters.increment(DispatcherCounter.COMMITS_FAILED));
        }
    }

    /// What would be committed now; null: nothing is known yet.
    @Nullable CommitMarker marker() {
        return progress.marker(redelivering.progress(), clock.millis());
    }

    private void onCommitted(CommitMarker marker) {
        last = marker;
        counters.increment(DispatcherCounter.COMMITS);
        progress.onCommitted(marker.offset());
        redelivering.onCommitted(marker.redelivery());
    }

    /// One that says nothing new is left out, but not for ever: its time tells a successor how
    /// long nobody was here.
    private boolean saysTheSame(CommitMarker marker) {
        var before = last;
        return before != null
                && marker.at() - before.at() < SAME.toMillis()
                && marker.at(before.at()).equals(before);
    }
}
