package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.EdgeRef;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who listens, and what they missed.
interface AttachContract extends InboxKit {

    @Test
    default void attach_readsWhatIsMissing_fromAckedOrFromThePosition() {
        var lane = lane().started();
        lane.store(event(0, ADA), event(1, ADA), event(2, ADA));
        lane.ack(ADA, 0);

        var fresh = lane.attach(ADA);
        assertThat(fresh.ready()).isTrue();
        assertThat(fresh.from()).isZero();
        assertThat(offsets(fresh)).containsExactly(1L, 2L);
        assertThat(fresh.unread()).isEqualTo(2);
        assertThat(fresh.more()).isFalse();
        assertThat(fresh.standing().registered()).isTrue();

        var resumed = lane.attach(ADA, null, 1L);
        assertThat(resumed.from()).isEqualTo(1);
        assertThat(offsets(resumed)).containsExactly(2L);
    }

    @Test
    default void addressNobodyWroteTo_isEmpty() {
        var lane = lane().started(6);

        assertThat(lane.attach(ADA).entries()).isEmpty();
        assertThat(lane.read(BOB, -1).entries()).isEmpty();
        assertThat(lane.standing(BOB))
                .isEqualTo(new Feed.Standing(-1, -1, -1, 0, 6, lane.beat().generation(), false));
    }

    @Test
    default void longInbox_isReadInParts() {
        var lane = lane().started();
        for (int i = 0; i < 7; i++) {
            lane.store(event(i, ADA));
        }

        var first = TestLane.await(inbox().read(lane.id, ADA, -1, 3));
        assertThat(offsets(first)).containsExactly(0L, 1L, 2L);
        assertThat(first.more()).isTrue();
        var second = TestLane.await(inbox().read(lane.id, ADA, 2, 3));
        assertThat(offsets(second)).containsExactly(3L, 4L, 5L);
        assertThat(second.more()).isTrue();
        var last = TestLane.await(inbox().read(lane.id, ADA, 5, 1));
        assertThat(offsets(last)).containsExactly(6L);
        assertThat(last.more()).isFalse();
    }

    @Test
    default void largeFrames_areReadInParts_andOneAlwaysFits() {
        var lane = lane().started();
        var large = "x".repeat(Feed.MAX_BYTES + 1);
        lane.store(event(0, ADA).frame("small"), event(1, ADA).frame(large));

        var first = lane.read(ADA, -1);
        assertThat(offsets(first)).containsExactly(0L);
        assertThat(first.more()).isTrue();
        assertThat(offsets(lane.read(ADA, 0))).containsExactly(1L);
    }

    @Test
    default void ofTwoRegistrationsOfOneEdge_theLargerStays() {
        var lane = lane().started();
        lane.attach(ADA, null, null, new EdgeRef("edge-1", 8), 1);
        var overtaken = lane.attach(ADA, null, null, new EdgeRef("edge-1", 7), 9);
        assertThat(overtaken.standing().registered()).isFalse();

        lane.attach(ADA, null, null, new EdgeRef("edge-1", 8), 3);
        lane.attach(ADA, null, null, new EdgeRef("edge-1", 8), 2);

        assertThat(lane.store(event(0, ADA)).outcomes().getFirst().edges())
                .containsExactly(new EdgeRef("edge-1", 8));
        assertThat(lane.standing(ADA, new EdgeRef("edge-1", 8), 3).registered()).isTrue();
        assertThat(lane.standing(ADA, new EdgeRef("edge-1", 8), 2).registered())
                .as("a later one of the same life serves it")
                .isTrue();
        assertThat(lane.standing(ADA, new EdgeRef("edge-1", 8), 4).registered()).isFalse();
        assertThat(lane.standing(ADA, new EdgeRef("edge-1", 7), 1).registered()).isFalse();
    }

    @Test
    default void lateDetach_doesNotEndALaterRegistration() {
        var lane = lane().started();
        lane.attach(ADA, null, null, TestLane.EDGE, 1);
        lane.attach(ADA, null, null, TestLane.EDGE, 2);

        TestLane.await(inbox().detach(lane.id, ADA, TestLane.EDGE, 1));
        assertThat(lane.store(event(0, ADA)).outcomes().getFirst().edges()).hasSize(1);

        TestLane.await(inbox().detach(lane.id, ADA, TestLane.EDGE, 2));
        assertThat(lane.store(event(1, ADA)).outcomes().getFirst().edges()).isEmpty();
    }

    @Test
    default void forget_removesTheDead_andNotTheirSuccessors() {
        var lane = lane().started();
        var other = new EdgeRef("edge-10", 7);
        lane.attach(ADA, null, null, new EdgeRef("edge-1", 8), 1);
        lane.attach(ADA, null, null, other, 1);

        TestLane.await(inbox().forget(lane.id, ADA, List.of(new EdgeRef("edge-1", 7))));
        assertThat(lane.store(event(0, ADA)).outcomes().getFirst().edges()).hasSize(2);

        TestLane.await(inbox().forget(lane.id, ADA, List.of(new EdgeRef("edge-1", 8))));
        assertThat(lane.store(event(1, ADA)).outcomes().getFirst().edges()).containsExactly(other);
    }

    @Test
    default void withoutAFence_attachRegisters_andNothingIsReadOrWritten() {
        var lane = lane();
        lane.restore("token", List.of(lane.position(ADA, 3, 3)));

        var feed = lane.attach(ADA, null, 5L);
        assertThat(feed.ready()).isFalse();
        assertThat(feed.from()).isEqualTo(5);
        assertThat(feed.standing()).isEqualTo(new Feed.Standing(-1, -1, -1, 0, -1, "", true));
        assertThat(lane.attach(ROLE, "ada", null).ready()).isFalse();
        assertThat(lane.ack(ADA, 9).fence()).isEqualTo(-1);
        assertThat(lane.read(ADA, 2).ready()).isFalse();
        assertThat(lane.standing(ADA).registered()).isTrue();
        assertThat(lane.sweep()).isEqualTo(new Inbox.Swept(List.of(), 0, false));
        assertThat(lane.settle(List.of(lane.position(ADA, 8, 8)), List.of()))
                .containsExactly(
                        new io.switchboard.schemas.AckedPosition(
                                ADA, null, lane.id.tag(), -1, -1, -1));

        lane.prev = 3;
        lane.initialised("token", 0);
        assertThat(lane.standing(ADA).acked()).as("the ack was ignored").isEqualTo(3);
        assertThat(lane.beat().outbox()).as("no cursor was made").isEmpty();
        assertThat(lane.store(event(4, ADA)).outcomes().getFirst().edges())
                .as("the registration was not")
                .containsExactly(TestLane.EDGE);
    }
}
