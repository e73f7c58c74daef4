package io.switchboard.edge.delivery;

import static io.switchboard.edge.delivery.Rig.ADA;
import static io.switchboard.edge.delivery.Rig.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// An address whose lane is another one since there are more: what lay in the former lane comes
/// first, and nothing of it comes twice.
class LanesGrowTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /// So many that Ada goes on in a new one.
    private static final int MORE =
            IntStream.iterate(2, each -> each + 1)
                    .filter(each -> ADA.partition(each) != 0)
                    .findFirst()
                    .orElseThrow();

    private final Rig rig = Rig.begun();
    private final Lane later = new Lane(new LaneId(Rig.TAG, ADA.partition(MORE)), rig.memory);

    private void grow() {
        for (int i = 0; i < MORE; i++) {
            if (i != 0 && i != later.id.partition()) {
                new Lane(new LaneId(Rig.TAG, i), rig.memory).begin();
            }
        }
        rig.delivery.onLanes(new Lanes(Rig.TAG, MORE, List.of(1)));
        rig.settle();
    }

    private void send(String text) {
        later.store(ADA, text).forEach(each -> rig.delivery.onHint(each.hint(), 0));
        rig.settle();
    }

    private Position position(long offset) {
        return later.id.position(offset);
    }

    @Test
    void aConnectedBrowser_noticesNothing() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        grow();
        later.begin();
        rig.pass(SECOND);
        send("b");
        send("c");
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b", "agent:c");
        assertThat(tab.connection().positions()).contains("agent=" + position(1));
    }

    @Test
    void whatLayThere_comesFirst_alsoForABrowserThatKnowsNothing() {
        rig.send(ADA, "a");
        rig.send(ADA, "b");
        later.begin();
        later.store(ADA, "c");
        grow();
        var tab = rig.tab("t");
        rig.settle();
        send("d");
        assertThat(tab.got).containsExactly("ONLINE 3", "agent:a", "agent:b", "agent:c", "agent:d");
    }

    @Test
    void aPositionOfTheFormerLane_goesOnAfterIt() {
        rig.send(ADA, "a");
        rig.send(ADA, "b");
        later.begin();
        later.store(ADA, "c");
        grow();
        var tab = rig.tab("t", true, Map.of("agent", at(0)));
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 3", "agent:b", "agent:c");
    }

    @Test
    void aPositionOfTheNewLane_saysThatTheFormerIsDone() {
        rig.send(ADA, "a");
        later.begin();
        later.store(ADA, "b");
        later.store(ADA, "c");
        grow();
        var tab = rig.tab("t", true, Map.of("agent", position(0)));
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 2", "agent:c");
        rig.delivery.onAck(tab, Map.of("agent", position(1)));
        rig.delivery.sendAcks();
        rig.settle();
        assertThat(rig.standing(ADA).acked()).as("in the former lane").isEqualTo(0);
    }

    @Test
    void anAckOfTheNewLane_acknowledgesTheFormerOne() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        later.begin();
        grow();
        send("b");
        rig.delivery.onAck(tab, Map.of("agent", position(0)));
        rig.delivery.sendAcks();
        rig.settle();
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
    }

    @Test
    void anAckOfTheFormerLane_staysThere() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        later.begin();
        grow();
        tab.ack("agent", 0);
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
        send("b");
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b");
    }

    @Test
    void aSlowBrowser_getsTheFormerLane_beforeTheNewOne() {
        var tab = rig.tab("t");
        rig.settle();
        tab.full = true;
        rig.send(ADA, "a");
        rig.send(ADA, "b");
        later.begin();
        grow();
        send("c");
        rig.pass(SECOND);
        assertThat(tab.got).containsExactly("ONLINE 0");
        tab.drainSocket();
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b", "agent:c");
    }

    @Test
    void presenceIsCountedOnce() {
        var one = rig.tab("1");
        later.begin();
        grow();
        rig.tab("2", true, Map.of("agent", position(-1)));
        rig.settle();
        one.leave();
        assertThat(rig.presence).last().isEqualTo(ADA.uuid() + " 1");
    }

    @Test
    void aBrowserThatComesTogether_isToldWhereItGoesOn() {
        rig.send(ADA, "a");
        later.begin();
        later.store(ADA, "b");
        grow();
        var tab = rig.together("t", Map.of("agent", at(-1)));
        rig.settle();
        rig.pass(SECOND);
        assertThat(tab.subs).containsEntry("agent", "-1 whole");
        assertThat(tab.got).containsExactly("ONLINE 2", "agent:a", "agent:b");
    }

    @Test
    void lanesThatGrowTwice_areReadInTheirOrder() {
        rig.send(ADA, "a");
        later.begin();
        later.store(ADA, "b");
        grow();
        int most = MORE * 2;
        while (ADA.partition(most) == later.id.partition()) {
            most += MORE;
        }
        var last = new Lane(new LaneId(Rig.TAG, ADA.partition(most)), rig.memory).begin();
        last.store(ADA, "c");
        rig.delivery.onLanes(new Lanes(Rig.TAG, most, List.of(1, MORE)));
        var tab = rig.tab("t");
        rig.settle();
        rig.pass(SECOND);
        assertThat(tab.got).startsWith("ONLINE 3", "agent:a", "agent:b", "agent:c");
    }
}
