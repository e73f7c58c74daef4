package io.switchboard.edge.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Canary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An edge node hears its own canaries, by the way that events take.
class CanaryLinkTest {
    private static final Canary FIRST = new Canary("edge", 7, 1);
    private static final Canary SECOND = new Canary("edge", 7, 2);

    private final Rig rig = Rig.begun();
    private final List<String> heard = new ArrayList<>();

    @BeforeEach
    void listen() {
        rig.delivery.listenForCanaries(
                Canary.address("edge"),
                new CanaryLink(
                        (canary, hinted) ->
                                heard.add(canary.sentMillis() + (hinted ? " hinted" : " found"))));
        rig.settle();
    }

    @Test
    void whatIsHinted_isHeard_andAcknowledgedAtOnce() {
        rig.sendCanary(FIRST, true);
        rig.sendCanary(SECOND, true);
        rig.delivery.sendAcks();
        rig.settle();

        assertThat(heard).containsExactly("1 hinted", "2 hinted");
        assertThat(rig.standing(Canary.address("edge")).acked()).isEqualTo(1);
    }

    @Test
    void whatNobodyHinted_isFoundInTheInbox_andThatIsSaid() {
        rig.sendCanary(FIRST, false);
        rig.pass(Duration.ofSeconds(11));

        assertThat(heard).containsExactly("1 found");
    }

    @Test
    void anEmptiedShard_knowsTheListenerAgain() {
        rig.sendCanary(FIRST, true);
        rig.memory.flush();
        rig.lane.beginAgain(10, 0);
        rig.pass(Duration.ofSeconds(11));
        rig.sendCanary(SECOND, true);
        rig.settle();
        rig.sendCanary(SECOND, true);
        rig.settle();

        assertThat(heard).first().isEqualTo("1 hinted");
        assertThat(heard).last().isEqualTo("2 hinted");
    }

    @Test
    void itIsNobodysConnection() {
        rig.sendCanary(FIRST, true);

        assertThat(rig.delivery.connections()).isZero();
        assertThat(rig.presence).isEmpty();
        assertThat(rig.counted(EdgeCounter.EVENTS_WRITTEN)).isZero();
        assertThat(rig.acknowledgedAfter).isEmpty();
    }

    @Test
    void anEdgeThatDrains_hearsNoMore_andIsNotHeldUpByIt() {
        rig.delivery.drain();
        rig.pass(Duration.ofSeconds(1));

        assertThat(rig.delivery.isDrained()).isTrue();
        rig.sendCanary(FIRST, true);
        rig.settle();
        assertThat(heard).isEmpty();
    }
}
