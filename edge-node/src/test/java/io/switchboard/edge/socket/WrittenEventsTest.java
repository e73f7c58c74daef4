package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.edge.socket.WrittenEvents.Written;
import io.switchboard.schemas.LaneId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WrittenEventsTest {
    private static final LaneId LANE = new LaneId("aaaaaa", 3);
    private static final LaneId OTHER = new LaneId("aaaaaa", 4);

    private final WrittenEvents events = new WrittenEvents(3);

    @Test
    void eachTimeIsRemembered_withItsConnection() {
        events.add(LANE, 7, "c1");
        events.add(OTHER, 7, "c2");
        events.endTurn(1_000);
        events.add(LANE, 7, "c3");
        events.endTurn(2_000);

        assertThat(of(7))
                .containsExactlyInAnyOrder(
                        new Written(LANE.position(7), "c1", 1, Instant.ofEpochMilli(1_000)),
                        new Written(LANE.position(7), "c3", 1, Instant.ofEpochMilli(2_000)));
        assertThat(of(8)).isEmpty();
    }

    @Test
    void whatGoesToMany_takesOnePlace() {
        for (int i = 0; i < 1_000; i++) {
            events.add(LANE, 7, "c" + i);
        }
        events.add(LANE, 8, "c0");
        events.endTurn(1_000);

        assertThat(of(7)).extracting(Written::connections).containsExactly(1_000);
        assertThat(of(8)).extracting(Written::connections).containsExactly(1);
    }

    @Test
    void theOldestIsForgotten() {
        for (long offset = 0; offset < 5; offset++) {
            events.add(LANE, offset, "c");
        }
        events.endTurn(1_000);

        assertThat(of(1)).isEmpty();
        assertThat(of(2)).hasSize(1);
        assertThat(of(4)).hasSize(1);
    }

    @Test
    void whatIsNotWrittenYet_isNotSaid() {
        events.add(LANE, 7, "c");

        assertThat(of(7)).isEmpty();
    }

    private List<Written> of(long offset) {
        return events.of(LANE.position(offset));
    }
}
