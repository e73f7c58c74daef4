package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.kinds;
import static io.switchboard.inbox.InboxKit.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.AppendAnswer.AcksBehind;
import io.switchboard.inbox.AppendAnswer.Appended;
import io.switchboard.inbox.AppendAnswer.Behind;
import io.switchboard.inbox.AppendAnswer.Outcome.Kind;
import io.switchboard.schemas.EdgeRef;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every effect of a dispatcher passes the fence.
interface FenceContract extends InboxKit {

    @Test
    default void events_areStoredInOrder_eachNamingItsPredecessor() {
        var lane = lane().started();

        var answer = lane.store(event(0, ADA), event(1, BOB), event(4, ADA));

        assertThat(lane.kinds(answer)).containsExactly(Kind.STORED, Kind.STORED, Kind.STORED);
        assertThat(answer.outcomes())
                .extracting(AppendAnswer.Outcome::prev)
                .containsExactly(-1L, -1L, 0L);
        assertThat(answer.fence()).isEqualTo(4);
        var feed = lane.read(ADA, -1);
        assertThat(offsets(feed)).containsExactly(0L, 4L);
        assertThat(feed.entries().getLast().prev()).isZero();
        assertThat(feed.entries().getLast().eventId()).isEqualTo("e4");
        assertThat(feed.entries().getLast().frame()).asString().isEqualTo("frame 4");
        assertThat(feed.entries().getLast().expiry()).isEqualTo(TestClock.START + 3_600_000);
        assertThat(feed.standing().top()).isEqualTo(4);
    }

    @Test
    default void eventId_mayHoldAnything() {
        var lane = lane().started();
        var odd = "a b\n9 | 件; ";
        lane.store(event(0, ADA).event(odd).frame("\n\0frame 1"));

        var entry = lane.read(ADA, -1).entries().getFirst();
        assertThat(entry.eventId()).isEqualTo(odd);
        assertThat(entry.frame()).asString().isEqualTo("\n\0frame 1");
        lane.ack(ADA, 0);
        var receipt = (OutboxEntry.Ended) lane.drain().getFirst();
        assertThat(receipt.eventId()).isEqualTo(odd);
        assertThat(lane.beat().outbox()).isEmpty();
    }

    @Test
    default void offsetsOfAnyLength_staySpelledOut() {
        long large = 9_007_199_254_740_000L;
        var lane = lane().started(large);

        lane.store(
                event(large + 1, ADA), event(large + 2, ADA).verdict(new Append.Verdict.Delay(5)));
        lane.ack(ADA, large + 1);
        var answer = lane.store(event(large + 3, ADA));

        assertThat(answer.outcomes().getFirst().prev()).isEqualTo(large + 1);
        assertThat(answer.fence()).isEqualTo(large + 3);
        assertThat(answer.floor()).isEqualTo(large + 1);
        assertThat(offsets(lane.attach(ADA))).containsExactly(large + 3);
        assertThat(lane.standing(ADA).acked()).isEqualTo(large + 1);
        assertThat(lane.sweep().due()).containsExactly(large + 2);
    }

    @Test
    default void lateBatchOnAnEmptiedShard_isRefused() {
        var lane = lane().started();
        lane.store(event(0, ADA));
        lose(lane.id);

        assertThat(lane.append(0, 1, null, event(1, ADA))).isEqualTo(new Behind(null));

        assertThat(TestLane.await(inbox().lane(lane.id)).fence()).isNull();
        assertThat(lane.read(ADA, -1).ready()).isFalse();
    }

    @Test
    default void idleLane_noticesThatItsShardIsGone() {
        var lane = lane().started();
        lose(lane.id);

        assertThat(lane.append(-1, -1, null)).isEqualTo(new Behind(null));
    }

    @Test
    default void laneStart_makesTheFence_onlyWithWhatItRestored() {
        var lane = lane();
        lane.restore("mine", List.of());

        assertThat(lane.append(9, 9, new Append.Init("other", 0))).isEqualTo(new Behind(null));
        assertThat(lane.append(9, 9, new Append.Init("mine", 0))).isInstanceOf(Appended.class);

        assertThat(TestLane.await(inbox().lane(lane.id)).fence()).isEqualTo(9);
    }

    @Test
    default void laneStart_withoutRestoring_makesNoFence() {
        assertThat(lane().append(9, 9, new Append.Init("", 0))).isEqualTo(new Behind(null));
    }

    @Test
    default void secondLaneStart_findsTheFence_andMovesNothing() {
        var lane = lane().started(9);
        var generation = lane.beat().generation();

        var answer = (Appended) lane.append(4, 4, new Append.Init("token", 3));

        assertThat(answer.fence()).isEqualTo(9);
        assertThat(answer.generation()).isEqualTo(generation).isNotEmpty();
    }

    @Test
    default void eachFence_hasItsOwnGeneration() {
        var lane = lane().started(9);
        var before = lane.beat().generation();
        lose(lane.id);

        assertThat(lane.started(9).beat().generation()).isNotEqualTo(before);
    }

    @Test
    default void batchAheadOfTheFence_isRefused_andSaysWhereItIs() {
        var lane = lane().started(3);

        assertThat(lane.append(5, 6, null, event(6, ADA))).isEqualTo(new Behind(3L));

        assertThat(lane.read(ADA, -1).entries()).isEmpty();
    }

    @Test
    default void holesInTheLog_areNoGaps() {
        var lane = lane().started();
        lane.store(event(2, ADA));
        lane.append(2, 5, null);

        assertThat(lane.append(5, 7, null, event(7, ADA))).isInstanceOf(Appended.class);
    }

    @Test
    default void shardThatForgotAcks_refusesUntilTheLaneHasApplied() {
        var lane = lane().started();
        lane.acksOffset = 12;

        assertThat(lane.append(-1, 0, null, event(0, ADA))).isEqualTo(new AcksBehind(0));
        assertThat(lane.read(ADA, -1).entries()).isEmpty();

        lane.settle(List.of(), List.of());
        assertThat(lane.store(event(0, ADA)).acksApplied()).isEqualTo(12);
    }

    @Test
    default void settleThatWouldSkipPositions_isRefused_andDoesNothing() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA));
        lane.ack(ADA, 0);
        var outbox = lane.beat().outbox();
        var ids = outbox.stream().map(OutboxEntry::id).toList();
        lane.acksOffset = 12;

        assertThat(lane.settle(List.of(lane.position(ADA, 1, 1)), ids, 7))
                .isEqualTo(new Inbox.SettleAnswer.AcksBehind(0));

        lane.acksOffset = 0;
        assertThat(lane.beat().outbox()).isNotEmpty().isEqualTo(outbox);
        assertThat(lane.standing(ADA).acked()).isZero();
    }

    @Test
    default void emptyBatch_noticesForgottenAcks() {
        var lane = lane().started();
        lane.acksOffset = 1;

        assertThat(lane.append(-1, -1, null)).isInstanceOf(AcksBehind.class);
    }

    @Test
    default void batchReadTwice_isHintedAgain_asItWasStored() {
        var lane = lane().started();
        lane.store(event(0, ADA));
        lane.store(event(1, ADA).expiry(TestClock.START + 50_000), event(2, BOB));
        lane.attach(ADA);

        var answer = lane.storeAgain(0, event(1, ADA).frame("another's"), event(2, BOB));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED, Kind.STORED));
        var outcome = answer.outcomes().getFirst();
        assertThat(outcome.prev()).isZero();
        assertThat(outcome.frame()).asString().isEqualTo("frame 1");
        assertThat(outcome.expiry()).isEqualTo(TestClock.START + 50_000);
        assertThat(outcome.edges()).containsExactly(TestLane.EDGE);
        assertThat(answer.fence()).isEqualTo(2);
        assertThat(lane.read(ADA, -1).entries()).hasSize(2);
        assertThat(lane.read(ADA, 0).entries().getFirst().frame()).asString().isEqualTo("frame 1");
    }

    @Test
    default void batchOfAWokenDispatcher_storesWhatIsNew_only() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA));

        var answer = lane.storeAgain(-1, event(0, ADA), event(1, ADA), event(2, ADA));

        assertThat(answer.fence()).isEqualTo(2);
        assertThat(offsets(lane.read(ADA, -1))).containsExactly(0L, 1L, 2L);
    }

    @Test
    default void oldRecordThatIsNoLongerHeld_isARepeat_notAHint() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA).expiry(TestClock.START + 5));
        clock().pass(java.time.Duration.ofSeconds(1));

        var answer = lane.storeAgain(-1, event(0, BOB), event(1, ADA).expiry(TestClock.START + 5));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.REPEAT, Kind.REPEAT));
    }

    @Test
    default void passedRecord_leavesNoTrace() {
        var lane = lane().started();

        var answer =
                lane.store(
                        event(0, ADA).verdict(new Append.Verdict.Pass()).ids("x"),
                        event(1, ADA).ids("x"));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.PASSED, Kind.STORED));
        assertThat(answer.outcomes().getLast().prev()).isEqualTo(-1);
    }

    @Test
    default void onlineAddress_isNamedWithItsEdges() {
        var lane = lane().started();
        var other = new EdgeRef("edge-2", 3);
        lane.attach(ADA);
        lane.attach(ADA, null, null, other, 1);

        var answer = lane.store(event(0, ADA), event(1, BOB));

        assertThat(answer.outcomes().getFirst().edges())
                .containsExactlyInAnyOrder(TestLane.EDGE, other);
        assertThat(answer.outcomes().getLast().edges()).isEmpty();
    }

    @Test
    default void gapInTheLog_isCrossedByAdvance_andSeenByReaders() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA).verdict(new Append.Verdict.Delay(7)));

        TestLane.await(inbox().advance(lane.id, 50));
        lane.prev = 49;
        var answer = lane.store(event(50, ADA), event(51, BOB), event(52, ADA));

        assertThat(answer.outcomes())
                .extracting(AppendAnswer.Outcome::prev)
                .containsExactly(49L, 49L, 50L);
        assertThat(lane.standing(ADA).base()).isEqualTo(50);
        assertThat(offsets(lane.read(ADA, -1))).containsExactly(0L, 50L, 52L);
        assertThat(lane.sweep().due()).as("a record that nobody can read again").isEmpty();
    }

    @Test
    default void advance_neverGoesBack_andMakesNoFence() {
        var lane = lane().started(9);
        TestLane.await(inbox().advance(lane.id, 5));
        assertThat(lane.standing(ADA).base()).isZero();
        assertThat(lane.beat().fence()).isEqualTo(9);

        var empty = lane();
        TestLane.await(inbox().advance(empty.id, 5));
        assertThat(TestLane.await(inbox().lane(empty.id)).fence()).isNull();
    }
}
