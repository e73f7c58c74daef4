package io.switchboard.dispatcher.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Receipt;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A lane over an inbox in memory, from its first record on.
class LaneTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 1);

    private final LaneWorld world = new LaneWorld();
    private final Address.Agent ada = LaneWorld.agentIn(0);

    @Test
    void event_isStored_hinted_receipted_andCommitted() {
        world.start(0);
        world.attach(ada, EDGE);

        long offset = world.send(ada, "hello");
        world.settle();

        assertThat(world.texts(ada)).containsExactly("hello");
        assertThat(world.hinted).containsExactly(EDGE);
        assertThat(world.hints.getFirst().offset()).isEqualTo(offset);
        assertThat(world.receipts)
                .extracting(Receipt::kind, Receipt::online, Receipt::id)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                Receipt.Kind.STORED, true, "abcDEF.0." + offset));
        world.pass(SECOND.multipliedBy(2));
        assertThat(world.commits.get(0).offset()).isEqualTo(offset + 1);
    }
}
