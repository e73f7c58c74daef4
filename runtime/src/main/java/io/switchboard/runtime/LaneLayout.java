package io.switchboard.runtime;

import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.ControlCommand.Lanes;
import io.switchboard.schemas.ControlCommand.Lanes.Step;
import org.jspecify.annotations.Nullable;

/// What the control topic says of the lanes: how they grew, and whether they are growing now. How
/// many partitions Kafka has is not asked: while they grow, it has more than anybody may use.
///
/// Thread-safe: one thread hears, all may ask.
public final class LaneLayout {
    private final String topic;
    private final Runnable onChange;
    private volatile @Nullable Lanes said;

    /// @param onChange on the thread that hears
    public LaneLayout(String topic, Runnable onChange) {
        this.topic = topic;
        this.onChange = onChange;
    }

    public void hear(ControlCommand.Read read) {
        if (!read.key().equals("lanes:" + topic)) {
            return;
        }
        said = read.command() instanceof Lanes lanes ? lanes : null;
        onChange.run();
    }

    /// The growth that is under way; null: none.
    public @Nullable Lanes underWay() {
        var now = said;
        return now == null || now.step() == Step.DONE ? null : now;
    }

    /// The topic as everybody is to use it.
    ///
    /// @param found what Kafka has
    public EventsTopic of(EventsTopic found) {
        return of(found, said);
    }

    public static EventsTopic of(EventsTopic found, @Nullable Lanes said) {
        if (said == null || !said.tag().equals(found.tag())) {
            return found;
        }
        int lanes = said.step() == Step.DONE ? said.to() : said.from();
        return new EventsTopic(found.name(), found.tag(), lanes, said.grown());
    }
}
