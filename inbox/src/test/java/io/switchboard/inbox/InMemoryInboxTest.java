package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.LaneId;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InMemoryInboxTest implements InboxContract {
    private final TestClock clock = new TestClock();
    private final InMemoryInbox inbox = new InMemoryInbox(clock, new Random(1));

    @Override
    public InMemoryInbox inbox() {
        return inbox;
    }

    @Override
    public TestClock clock() {
        return clock;
    }

    @Override
    public void lose(LaneId lane) {
        inbox.flush(lane);
    }

    @Test
    void rolledBackShard_isAsItWas_andKnowsNothingOfWhatCame() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA));
        var then = inbox.snapshot();
        lane.ack(ADA, 1);
        lane.store(event(2, ADA));

        inbox.rollBack(lane.id, then);

        assertThat(TestLane.await(inbox.lane(lane.id)).fence()).isEqualTo(1);
        assertThat(offsets(lane.attach(ADA))).containsExactly(0L, 1L);
        lane.ack(ADA, 0);
        inbox.rollBack(then);
        assertThat(offsets(lane.attach(ADA)))
                .as("a snapshot stays as it is")
                .containsExactly(0L, 1L);
    }
}
