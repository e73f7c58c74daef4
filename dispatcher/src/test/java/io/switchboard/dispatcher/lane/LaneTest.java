package io.switchboard.dispatcher.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.ReceiptLevel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What a lane does with records while nothing is away.
class LaneTest {
    private static final Duration BEAT = Duration.ofMillis(1_100);
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 1);

    private final LaneWorld world = new LaneWorld();
    private final Address.Agent ada = LaneWorld.agentIn(0);
    private final Address.Agent bob = LaneWorld.agentIn(1);

    @Test
    void event_isStored_hinted_receipted_andCommitted() {
        world.start(0);
        world.attach(ada, EDGE);

        long offset = world.send(ada, "hello");
        world.settle();

        assertThat(world.texts(ada)).containsExactly("hello");
        assertThat(world.hinted).containsExactly(EDGE);
        assertThat(world.hints)
                .extracting(Hint::offset, Hint::prev)
                .containsExactly(tuple(offset, -1L));
        assertThat(world.receipts)
                .extracting(Receipt::kind, Receipt::online, Receipt::id)
                .containsExactly(tuple(Receipt.Kind.STORED, true, "abcDEF.0." + offset));
        world.pass(BEAT);
        assertThat(world.commits.get(0).offset()).isEqualTo(offset + 1);
    }

    @Test
    void batch_isWhatGatheredWhileTheLastOneWasUnderWay() {
        world.start(0);
        long before = world.counters.value(DispatcherCounter.APPENDS);
        for (int i = 0; i < 250; i++) {
            world.send(ada, "e" + i);
        }

        world.settle();

        assertThat(world.feed(ada).entries()).hasSize(250);
        assertThat(world.counters.value(DispatcherCounter.APPENDS) - before).isEqualTo(3);
    }

    @Test
    void holesInTheLog_areNoGaps() {
        world.start(0);
        world.hole(0);
        world.send(ada, "a");
        world.settle();
        world.hole(0);
        world.hole(0);
        world.send(ada, "b");
        world.settle();

        assertThat(world.texts(ada)).containsExactly("a", "b");
        assertThat(world.counters.value(DispatcherCounter.LANES_BEHIND)).isZero();
    }

    @Test
    void receipts_followTheRoutesLevel() {
        world.apps = LaneWorld.apps(Apps.Status.ACTIVE, ReceiptLevel.FAILURES, null);
        world.start(0);

        world.send(ada, "a");
        world.settle();

        assertThat(world.receipts).isEmpty();
    }

    @Test
    void severalTargets_arriveInTheLanesOfTheirAddresses() {
        world.start(0);
        world.start(1);

        world.produce(
                0,
                LaneWorld.envelope(LaneWorld.target(ada, "a", ""), LaneWorld.target(bob, "b", "")));
        world.settle();

        assertThat(world.texts(ada)).containsExactly("a");
        assertThat(world.texts(bob)).containsExactly("b");
    }

    @Test
    void copies_holdTheCommitBack_untilKafkaHasThem_butNotTheNextEvents() {
        world.start(0);
        world.kafkaHoldsAcks = true;
        long list =
                world.produce(
                        0,
                        LaneWorld.envelope(
                                LaneWorld.target(ada, "a", ""), LaneWorld.target(bob, "b", "")));
        world.send(ada, "next");

        world.settle();
        world.pass(BEAT);

        assertThat(world.texts(ada)).containsExactly("next", "a");
        assertThat(world.commits.get(0).offset()).isEqualTo(list);
        world.releaseAcks();
        world.pass(BEAT);
        assertThat(world.commits.get(0).offset()).isEqualTo(world.log.get(0).size());
    }

    @Test
    void letters_andReceipts_holdTheCommitBack_andItsFloor() {
        world.start(0);
        world.kafkaHoldsAcks = true;
        long bad = world.produce(0, "nonsense".getBytes(StandardCharsets.UTF_8));

        world.settle();
        world.pass(BEAT);

        assertThat(world.letters).hasSize(1);
        assertThat(world.commits.get(0).offset()).isEqualTo(bad);
        assertThat(world.committed.getLast().floor()).isLessThanOrEqualTo(bad);
        world.releaseAcks();
        world.pass(BEAT);
        assertThat(world.commits.get(0).offset()).isEqualTo(bad + 1);
    }

    @Test
    void poison_becomesADeadLetter_andHoldsNothingUp() {
        world.start(0);

        world.produce(0, null);
        world.produce(0, "nonsense".getBytes(StandardCharsets.UTF_8));
        world.send(ada, "good");
        world.settle();

        assertThat(world.letters)
                .extracting(DeadLetter::error)
                .containsExactly(ErrorCode.ENVELOPE_IS_NOT_JSON, ErrorCode.ENVELOPE_IS_NOT_JSON);
        assertThat(world.receipts)
                .extracting(Receipt::kind)
                .containsExactly(Receipt.Kind.REJECTED, Receipt.Kind.REJECTED, Receipt.Kind.STORED);
        assertThat(world.texts(ada)).containsExactly("good");
    }

    @Test
    void copyThatKafkaRefusesForGood_isADeadLetter() {
        world.start(0);
        world.kafkaRefusesCopies = true;

        world.produce(0, LaneWorld.envelope(LaneWorld.target(bob, "b", "")));
        world.settle();
        world.pass(BEAT);

        assertThat(world.letters)
                .extracting(DeadLetter::error)
                .containsExactly(ErrorCode.KAFKA_REFUSED);
        assertThat(world.commits.get(0).offset()).isEqualTo(1);
    }

    @Test
    void producersRetry_isRecognised_byItsOwnId() {
        world.start(0);
        world.attach(ada, EDGE);

        world.send(ada, "once", ",\"id\":\"x\"");
        world.settle();
        world.send(ada, "once", ",\"id\":\"x\"");
        world.settle();

        assertThat(world.texts(ada)).containsExactly("once");
        assertThat(world.hints).hasSize(1);
    }

    @Test
    void deadEdge_isNotHinted_andForgotten() {
        world.start(0);
        world.attach(ada, EDGE);
        world.dead.add(EDGE);

        world.send(ada, "a");
        world.settle();
        world.dead.clear();
        world.send(ada, "b");
        world.settle();

        assertThat(world.hints).isEmpty();
        assertThat(world.receipts).extracting(Receipt::online).containsOnly(false);
    }

    @Test
    void acknowledgement_isDrained_intoTheTopics_andThenSettled() {
        world.start(0);
        long offset = world.send(ada, "a");
        world.settle();
        assertThat(world.hosts.getFirst().lane.floor()).isEqualTo(offset);

        world.ack(ada, offset);
        world.pass(BEAT.multipliedBy(3));

        assertThat(world.receipts)
                .extracting(Receipt::kind)
                .containsExactly(Receipt.Kind.STORED, Receipt.Kind.ACKNOWLEDGED);
        assertThat(world.acks.get(0)).hasSize(1);
        assertThat(world.hosts.getFirst().lane.floor()).isEqualTo(offset + 1);
        assertThat(world.committed.getLast().floor()).isEqualTo(offset + 1);
    }

    @Test
    void outboxThatKafkaDoesNotTake_keepsTheFloor() {
        world.start(0);
        long offset = world.send(ada, "a");
        world.settle();
        world.kafkaHoldsAcks = true;

        world.ack(ada, offset);
        world.pass(BEAT.multipliedBy(3));

        assertThat(world.committed.getLast().floor()).isEqualTo(offset);
        assertThat(world.receipts)
                .filteredOn(each -> each.kind() == Receipt.Kind.ACKNOWLEDGED)
                .hasSize(1);
        world.releaseAcks();
        world.pass(BEAT.multipliedBy(2));
        assertThat(world.committed.getLast().floor()).isEqualTo(offset + 1);
    }

    /// Whoever restores the position will not write the receipt again.
    @Test
    void position_isNotInTheTopic_beforeItsReceiptIsWritten() {
        world.start(0);
        long offset = world.send(ada, "a");
        world.settle();
        world.kafkaHoldsAcks = true;

        world.ack(ada, offset);
        world.pass(BEAT.multipliedBy(3));

        assertThat(world.acks.getFirst()).isEmpty();
        world.releaseAcks();
        world.pass(BEAT.multipliedBy(2));
        assertThat(world.acks.getFirst()).isNotEmpty();
    }

    @Test
    void whatExpires_isReceipted() {
        world.start(0);
        world.send(ada, "a", ",\"ttl\":2");
        world.settle();

        world.pass(Duration.ofSeconds(6));

        assertThat(world.receipts)
                .extracting(Receipt::kind)
                .containsExactly(Receipt.Kind.STORED, Receipt.Kind.EXPIRED);
        assertThat(world.committed.getLast().floor()).isEqualTo(1);
    }

    @Test
    void clockThatIsSetBack_delaysNothing() {
        world.start(0);
        long first = world.send(ada, "a");
        world.settle();
        world.ack(ada, first);
        world.pass(BEAT.multipliedBy(3));
        world.clock.pass(Duration.ofHours(-1));

        long second = world.send(ada, "b");
        world.settle();
        world.ack(ada, second);
        world.send(ada, "c", ",\"ttl\":2");
        world.pass(Duration.ofSeconds(6));

        assertThat(world.receipts)
                .extracting(Receipt::kind)
                .endsWith(Receipt.Kind.ACKNOWLEDGED, Receipt.Kind.EXPIRED);
        assertThat(world.committed.getLast().offset()).isEqualTo(world.log.get(0).size());
        assertThat(world.committed.getLast().floor()).isEqualTo(world.log.get(0).size());
    }

    // --- delay

    @Test
    void delayedEvent_arrivesWhenItIsDue_once_afterShorterDelays() {
        world.start(0);
        var now = world.clock.instant();
        world.send(ada, "late", ",\"deliver_at\":\"" + now.plusSeconds(9) + "\"");
        world.send(ada, "soon", ",\"deliver_at\":\"" + now.plusSeconds(3) + "\"");
        world.send(ada, "now");
        world.settle();
        assertThat(world.texts(ada)).containsExactly("now");
        world.pass(BEAT);
        assertThat(world.committed.getLast().floor()).isZero();

        world.pass(Duration.ofSeconds(5));
        assertThat(world.texts(ada)).containsExactly("now", "soon");
        world.pass(Duration.ofSeconds(6));

        assertThat(world.texts(ada)).containsExactly("now", "soon", "late");
        assertThat(world.copies(0))
                .extracting(Origin::kind)
                .containsExactly(Origin.Kind.DUE, Origin.Kind.DUE);
        world.ack(ada, world.log.get(0).size() - 1);
        world.pass(BEAT.multipliedBy(3));
        assertThat(world.committed.getLast().floor()).isEqualTo(world.log.get(0).size());
    }

    @Test
    void delayedEvent_isNotReleasedTwice_whileItsCopyIsUnderWay() {
        var host = world.start(0);
        world.send(ada, "late", ",\"deliver_at\":\"" + world.clock.instant().plusSeconds(1) + "\"");
        world.settle();
        // The lane's stream stands still: the copy is not read, and sweeps go on.
        world.stalled = true;
        world.pass(Duration.ofSeconds(6));

        assertThat(world.copies(0)).hasSize(1);
        world.stalled = false;
        world.settle();
        world.pass(Duration.ofSeconds(3));
        assertThat(world.copies(0)).hasSize(1);
        assertThat(world.texts(ada)).containsExactly("late");
        assertThat(host.lane.trouble()).isNull();
    }

    @Test
    void delayedEvent_ofAnAppBlockedMeanwhile_endsAsADeadLetter_andItsDelayEnds() {
        world.start(0);
        world.send(ada, "late", ",\"deliver_at\":\"" + world.clock.instant().plusSeconds(1) + "\"");
        world.settle();
        world.apps = LaneWorld.apps(Apps.Status.BLOCKED, ReceiptLevel.ALL, null);

        world.pass(Duration.ofSeconds(6));

        assertThat(world.letters)
                .extracting(DeadLetter::error)
                .containsExactly(ErrorCode.PRODUCER_IS_BLOCKED);
        assertThat(world.copies(0)).hasSize(1);
        assertThat(world.committed.getLast().floor()).isEqualTo(2);
    }

    // --- overdue

    @Test
    void eventThatNobodyAcknowledges_isOverdue_once() {
        world.apps =
                LaneWorld.apps(Apps.Status.ACTIVE, ReceiptLevel.FAILURES, Duration.ofSeconds(5));
        world.start(0);
        world.send(ada, "a");
        long taken = world.send(ada, "b");
        world.settle();

        world.pass(Duration.ofSeconds(3));
        assertThat(world.receipts).isEmpty();
        world.pass(Duration.ofSeconds(10));

        assertThat(world.receipts)
                .extracting(Receipt::kind, Receipt::id)
                .containsExactly(
                        tuple(Receipt.Kind.OVERDUE, "abcDEF.0.0"),
                        tuple(Receipt.Kind.OVERDUE, "abcDEF.0." + taken));
    }

    @Test
    void acknowledgedEvent_isNotOverdue() {
        world.apps =
                LaneWorld.apps(Apps.Status.ACTIVE, ReceiptLevel.FAILURES, Duration.ofSeconds(5));
        world.start(0);
        long offset = world.send(ada, "a", ",\"id\":\"x\"");
        world.send(ada, "a", ",\"id\":\"x\"");
        world.settle();

        world.ack(ada, offset);
        world.pass(Duration.ofSeconds(10));

        assertThat(world.receipts).isEmpty();
    }

    @Test
    void successor_saysOverdue_ofWhatItsPredecessorStored() {
        world.apps =
                LaneWorld.apps(Apps.Status.ACTIVE, ReceiptLevel.FAILURES, Duration.ofSeconds(5));
        var host = world.start(0);
        world.send(ada, "a");
        world.pass(BEAT);
        host.crash();

        world.start(0);
        world.pass(Duration.ofSeconds(10));

        assertThat(world.receipts).extracting(Receipt::kind).containsExactly(Receipt.Kind.OVERDUE);
    }
}
