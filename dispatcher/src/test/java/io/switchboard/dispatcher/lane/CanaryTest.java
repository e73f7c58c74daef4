package io.switchboard.dispatcher.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Canary;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/// What a lane does with edge nodes' canaries: what it does with events, and nothing that anybody
/// else would notice.
class CanaryTest {
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 3);
    private static final Canary CANARY = new Canary("edge-1", 0xfeedL, 1_000);

    private final LaneWorld world = new LaneWorld();
    private final int lane = CANARY.address().partition(LaneWorld.LANES);

    @Test
    void itIsStoredAndHinted_withoutReceipt_letter_orToken() {
        world.start(lane);
        world.attach(CANARY.address(), EDGE);

        world.produce(CANARY, lane);
        world.settle();

        assertThat(world.hinted).containsExactly(EDGE);
        assertThat(Canary.decode(world.hints.getFirst().frame())).isEqualTo(CANARY);
        assertThat(world.receipts).isEmpty();
        assertThat(world.letters).isEmpty();
        assertThat(world.counters.value(DispatcherCounter.CANARIES)).isEqualTo(1);
        assertThat(world.counters.value(DispatcherCounter.EVENTS_STORED)).isZero();
    }

    @Test
    void onlyTheNewestWaits_andNotForLong() {
        world.start(lane);
        for (int i = 0; i < 50; i++) {
            world.produce(CANARY, lane);
        }
        world.settle();
        assertThat(world.feed(CANARY.address()).entries()).hasSize(1);

        world.pass(Canary.TTL.plusSeconds(2));

        assertThat(world.feed(CANARY.address()).entries()).isEmpty();
        assertThat(world.receipts).isEmpty();
    }

    @Test
    void aStrangersCanary_makesNoInbox() {
        world.strangers.add("edge-1");
        world.start(lane);
        world.attach(CANARY.address(), EDGE);

        world.produce(CANARY, lane);
        world.settle();

        assertThat(world.feed(CANARY.address()).entries()).isEmpty();
        assertThat(world.hints).isEmpty();
        assertThat(world.letters).isEmpty();
    }

    @Test
    void inTheWrongLane_orMalformed_itIsNothing() {
        world.start(0);
        world.start(1);
        world.attach(CANARY.address(), EDGE);

        world.produce(CANARY, 1 - lane);
        var headers = new RecordHeaders();
        headers.add(Canary.HEADER, "edge-1 nonsense".getBytes(StandardCharsets.UTF_8));
        world.produce(lane, CANARY.address().key(), null, headers);
        world.settle();

        assertThat(world.hints).extracting(Hint::address).isEmpty();
        assertThat(world.letters).isEmpty();
    }

    @Test
    void anOperatorsRedelivery_leavesItOut() {
        var router = new Router(LaneWorld.TOPIC, lane, LaneWorld.PROOF);
        world.produce(CANARY, lane);

        assertThat(router.again(world.log.get(lane).getFirst(), world.apps, "r-1", Instant.EPOCH))
                .isNull();
    }

    @Test
    void afterADispatchersAbsence_thoseThatExpired_harmNothing() {
        for (int i = 0; i < 300; i++) {
            world.produce(CANARY, lane);
        }
        world.clock.pass(Duration.ofMinutes(10));
        world.start(lane);
        world.attach(CANARY.address(), EDGE);

        world.produce(CANARY, lane);
        world.settle();

        assertThat(world.hints).hasSize(1);
        world.pass(Duration.ofSeconds(2));
        assertThat(world.commits.get(lane).offset()).isEqualTo(301);
    }
}
