package io.switchboard.dispatcher;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Topics;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/// The topics that a dispatcher needs, looked at before it starts: a missing one would hold up
/// everything that is written behind its first record.
final class TopicsCheck {
    private TopicsCheck() {}

    /// @throws Failure naming what is missing
    static EventsTopic of(Admin admin, String eventsTopic) {
        var events = EventsTopic.resolve(admin, eventsTopic);
        for (var each : List.of(Topics.RECEIPTS, Topics.DEAD_LETTERS)) {
            EventsTopic.resolve(admin, each);
        }
        var acks = EventsTopic.resolve(admin, Topics.ACKS);
        if (acks.partitions() != events.partitions()) {
            throw new Failure(
                    "topic '%s' has %d partitions (expected: %d, as many as '%s'; `./switchboard topics create` makes it so)"
                            .formatted(
                                    Topics.ACKS,
                                    acks.partitions(),
                                    events.partitions(),
                                    eventsTopic));
        }
        return events;
    }
}
