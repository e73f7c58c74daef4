package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.offsets;
import static io.switchboard.inbox.InboxKit.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.ReceiptLevel;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What was acknowledged, and what Kafka is told of it.
interface AckContract extends InboxKit {

    @Test
    default void ack_isCumulative_andGivesReceiptsWhereAsked() {
        var lane = lane().started();
        lane.store(
                event(0, ADA),
                event(1, ADA).receipts(ReceiptLevel.FAILURES),
                event(2, ADA).receipts(ReceiptLevel.NONE),
                event(3, ADA),
                event(4, ADA));

        var standing = lane.ack(ADA, 3);

        assertThat(standing.acked()).isEqualTo(3);
        assertThat(standing.settled()).isEqualTo(3);
        assertThat(words(lane.beat().outbox()))
                .containsExactly(
                        "ACKNOWLEDGED 0 agent:desk/ada e0",
                        "ACKNOWLEDGED 3 agent:desk/ada e3",
                        "moved agent:desk/ada 3 3 -1");
        assertThat(lane.attach(ADA).unread()).isEqualTo(1);
    }

    @Test
    default void ack_isCountedOnce_andNeverGoesBack() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA));
        lane.ack(ADA, 1);
        lane.drain();

        lane.ack(ADA, 0);
        lane.ack(ADA, 1);

        assertThat(lane.beat().outbox()).isEmpty();
        assertThat(lane.standing(ADA).acked()).isEqualTo(1);
    }

    @Test
    default void ackFromTheFuture_isLoweredToTheFence() {
        var lane = lane().started();
        lane.store(event(0, ADA));

        assertThat(lane.ack(ADA, 1_000).acked()).isZero();

        lane.store(event(1, ADA));
        assertThat(offsets(lane.attach(ADA))).containsExactly(1L);
    }

    @Test
    default void manyAddresses_areAcknowledgedInOneCall() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, BOB));

        var standings =
                TestLane.await(
                        inbox().ack(
                                        lane.id,
                                        List.of(
                                                new Inbox.Ack(BOB, null, 1),
                                                new Inbox.Ack(ADA, null, 0),
                                                new Inbox.Ack(ADA, null, 1))));

        assertThat(standings).extracting(Feed.Standing::acked).containsExactly(1L, 0L, 1L);
    }

    @Test
    default void acknowledgedEntries_stayAFewMinutes_forTheOtherTabs() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA));
        lane.ack(ADA, 0);
        clock().pass(Duration.ofMinutes(2));
        lane.ack(ADA, 1);
        lane.sweep();
        assertThat(offsets(lane.attach(ADA, null, -1L))).containsExactly(0L, 1L);

        clock().pass(Duration.ofMinutes(2));
        lane.sweep();
        assertThat(offsets(lane.attach(ADA, null, -1L))).containsExactly(1L);

        clock().pass(Duration.ofMinutes(4));
        lane.sweep();
        var feed = lane.attach(ADA, null, -1L);
        assertThat(feed.entries()).isEmpty();
        assertThat(feed.standing().acked()).as("whoever is behind is told").isEqualTo(1);
        assertThat(feed.standing().top()).isEqualTo(1);
    }

    @Test
    default void busyAddress_letsGoOfOldAcks_withoutASweep() {
        var lane = lane().started();
        for (int i = 0; i < 5; i++) {
            lane.store(event(i, ADA));
            lane.ack(ADA, i);
            clock().pass(Duration.ofMinutes(4));
        }

        assertThat(offsets(lane.attach(ADA, null, -1L))).containsExactly(4L);
    }

    @Test
    default void expiredBeforeItsAck_isExpired() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA).expiry(TestClock.START + 10), event(2, ADA));
        clock().pass(Duration.ofSeconds(1));

        lane.ack(ADA, 2);

        assertThat(words(lane.beat().outbox()))
                .containsExactly(
                        "ACKNOWLEDGED 0 agent:desk/ada e0",
                        "EXPIRED 1 agent:desk/ada e1",
                        "ACKNOWLEDGED 2 agent:desk/ada e2",
                        "moved agent:desk/ada 2 2 1");
        assertThat(lane.sweep().expired()).isZero();
    }

    @Test
    default void largerPositionOfTheTopic_wins_andOwesNoReceipts() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA), event(2, ADA), event(3, ADA));

        var holds = lane.settle(List.of(lane.position(ADA, 1, 2)), List.of());

        assertThat(holds).containsExactly(new AckedPosition(ADA, null, lane.id.tag(), 1, 2, 2));
        var answer = lane.beat();
        assertThat(answer.outbox()).isEmpty();
        assertThat(answer.floor()).isEqualTo(3);
        var fresh = lane.attach(ADA);
        assertThat(fresh.unread()).isEqualTo(1);
        assertThat(offsets(fresh)).containsExactly(3L);
        assertThat(fresh.gone())
                .as("2 was over, and not by an ack")
                .containsExactly(new Feed.Gone(2, 0, 1));
    }

    @Test
    default void smallerPositionOfTheTopic_changesNothing_andIsToldTheLarger() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA));
        lane.ack(ADA, 1);
        var smaller = List.of(lane.position(ADA, 0, 0));

        assertThat(lane.settle(smaller, List.of()))
                .as("the receipt of 1 may not be written yet")
                .isEqualTo(smaller);
        assertThat(words(lane.beat().outbox())).contains("moved agent:desk/ada 1 1 -1");
        lane.drain();

        assertThat(lane.settle(smaller, List.of())).containsExactly(lane.position(ADA, 1, 1));
    }

    @Test
    default void floor_waitsForWhatIsOpen_andForWhatKafkaDoesNotKnowYet() {
        var lane = lane().started(4);
        assertThat(lane.beat().floor()).as("nothing").isEqualTo(5);

        var open =
                lane.store(event(5, ADA).receipts(ReceiptLevel.NONE), event(6, ADA), event(9, BOB));
        assertThat(open.floor()).as("from the append itself").isEqualTo(5);

        lane.ack(ADA, 6);
        assertThat(lane.beat().floor()).as("acknowledged, but not in the topic").isEqualTo(5);

        var drained = lane.beat().outbox();
        lane.settle(
                List.of(lane.position(ADA, 6, 6)), drained.stream().map(OutboxEntry::id).toList());
        assertThat(lane.beat().floor()).isEqualTo(9);

        lane.ack(BOB, 9);
        lane.drain();
        assertThat(lane.beat().floor()).isEqualTo(10);
    }

    @Test
    default void floor_waitsForUndrainedReceipts() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA));
        lane.ack(ADA, 1);

        lane.settle(List.of(lane.position(ADA, 1, 1)), List.of());

        assertThat(lane.beat().floor()).isZero();
    }

    @Test
    default void outbox_isDrainedOldestFirst_inParts_andEachEntryOnce() {
        var lane = lane().started();
        for (int i = 0; i < 120; i++) {
            lane.store(event(i, ADA));
        }
        lane.ack(ADA, 119);

        var first = lane.beat();
        assertThat(first.outbox()).hasSize(AppendAnswer.Appended.MAX_OUTBOX);
        assertThat(first.outboxLeft()).isTrue();
        assertThat(first.outbox())
                .as("a position does not overtake the receipts that it implies")
                .allMatch(OutboxEntry.Ended.class::isInstance);
        assertThat(lane.beat().outbox()).as("until it is settled").isEqualTo(first.outbox());

        lane.drain();
        var rest = lane.beat();
        assertThat(rest.outboxLeft()).isFalse();
        assertThat(rest.outbox()).hasSize(21);
        assertThat(words(rest.outbox())).endsWith("moved agent:desk/ada 119 119 -1");
        lane.drain();
        assertThat(lane.beat().outbox()).isEmpty();
    }

    @Test
    default void moveThatMovedOn_isToldAgain() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA));
        lane.ack(ADA, 0);
        var drained = lane.beat().outbox();

        lane.ack(ADA, 1);
        lane.settle(
                List.of(lane.position(ADA, 0, 0)), drained.stream().map(OutboxEntry::id).toList());

        var answer = lane.beat();
        assertThat(words(answer.outbox()))
                .containsExactly("ACKNOWLEDGED 1 agent:desk/ada e1", "moved agent:desk/ada 1 1 -1");
        assertThat(answer.floor()).isEqualTo(1);
    }
}
