package io.switchboard.bench;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.AppendAnswer;
import io.switchboard.inbox.Inbox;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.util.List;

/// A lane of cases that call the inbox themselves: no dispatcher looks after it.
final class BareLane {
    private BareLane() {}

    /// As it is when nothing has come yet.
    static void begin(Inbox inbox, LaneId lane, Duration patience) throws Exception {
        Answer.of(
                inbox.restore(
                        new Inbox.Restore(lane, "", "begin", List.of(), List.of(), List.of(), 0)),
                patience);
        append(
                inbox,
                new Append(
                        lane,
                        -1,
                        -1,
                        List.of(),
                        System.currentTimeMillis(),
                        0,
                        true,
                        true,
                        new Append.Init("begin", 0)),
                patience);
    }

    static void append(Inbox inbox, Append batch, Duration patience) throws Exception {
        if (!(Answer.of(inbox.append(batch), patience) instanceof AppendAnswer.Appended)) {
            throw new Failure("the shard of %s did not take a batch".formatted(batch.lane()));
        }
    }
}
