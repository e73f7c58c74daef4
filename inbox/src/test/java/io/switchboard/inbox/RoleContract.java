package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.offsets;
import static io.switchboard.inbox.InboxKit.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Feed.Gone;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One inbox for many: a cursor per member, acknowledged as soon as one of them does.
interface RoleContract extends InboxKit {

    @Test
    default void memberNeverSeen_startsAtWhatNobodyHasTakenYet() {
        var lane = lane().started();
        lane.store(event(0, ROLE), event(1, ROLE), event(2, ROLE));
        lane.attach(ROLE, "ada", null);
        lane.ack(ROLE, "ada", 0);

        var first = lane.attach(ROLE, "bob", null);

        assertThat(first.from()).isZero();
        assertThat(offsets(first)).containsExactly(1L, 2L);
        assertThat(first.unread()).isEqualTo(2);
    }

    @Test
    default void cursor_isWrittenAtTheFirstAttach_andDoesNotMoveWithOthers() {
        var lane = lane().started();
        lane.store(event(0, APP), event(1, APP));

        lane.attach(APP, "ada", null);
        assertThat(words(lane.drain())).containsExactly("moved app:desk|ada -1 -1 -1");

        lane.ack(APP, "bob", 1);
        assertThat(offsets(lane.attach(APP, "ada", null))).containsExactly(0L, 1L);
        assertThat(offsets(lane.attach(APP, "bob", null))).isEmpty();
    }

    @Test
    default void firstAttachWithAPosition_writesNoCursorBeyondIt() {
        var lane = lane().started();
        lane.store(event(0, ROLE), event(1, ROLE), event(2, ROLE));
        lane.ack(ROLE, "bob", 1);

        assertThat(offsets(lane.attach(ROLE, "ada", 0L))).containsExactly(1L, 2L);

        assertThat(lane.attach(ROLE, "ada", null).from()).isZero();
        assertThat(lane.attach(ROLE, "cid", 2L).from()).isEqualTo(2);
        assertThat(lane.attach(ROLE, "cid", null).from())
                .as("not acknowledged by anyone")
                .isEqualTo(1);
    }

    @Test
    default void ackOfOneMember_acknowledgesOnceForAll_andTheOthersStillRead() {
        var lane = lane().started();
        lane.store(event(0, ROLE), event(1, ROLE));
        lane.attach(ROLE, "ada", null);
        lane.attach(ROLE, "bob", null);
        lane.drain();

        assertThat(lane.ack(ROLE, "ada", 1).acked()).isEqualTo(1);
        assertThat(words(lane.drain()))
                .containsExactly(
                        "ACKNOWLEDGED 0 role:desk/night-shift e0",
                        "ACKNOWLEDGED 1 role:desk/night-shift e1",
                        "moved role:desk/night-shift 1 1 -1",
                        "moved role:desk/night-shift|ada 1 1 -1");

        lane.ack(ROLE, "bob", 0);
        assertThat(words(lane.drain())).containsExactly("moved role:desk/night-shift|bob 0 0 -1");
        assertThat(lane.standing(ROLE).acked()).isEqualTo(1);
        clock().pass(Duration.ofMinutes(10));
        lane.sweep();
        assertThat(offsets(lane.attach(ROLE, "bob", null))).containsExactly(1L);
    }

    @Test
    default void cursorThatMovedOn_isToldAgain() {
        var lane = lane().started();
        lane.store(event(0, ROLE), event(1, ROLE));
        lane.ack(ROLE, "bob", 1);
        lane.drain();
        lane.ack(ROLE, "ada", 0);
        var drained = lane.beat().outbox();

        lane.ack(ROLE, "ada", 1);
        lane.settle(List.of(), drained.stream().map(OutboxEntry::id).toList());

        assertThat(words(lane.drain())).containsExactly("moved role:desk/night-shift|ada 1 1 -1");
        assertThat(lane.beat().outbox()).isEmpty();
    }

    @Test
    default void cursorFromTheFuture_isLoweredToTheFence() {
        var lane = lane().started();
        lane.store(event(0, ROLE));

        lane.ack(ROLE, "ada", 77);

        assertThat(lane.attach(ROLE, "ada", null).from()).isZero();
    }

    @Test
    default void heldEntries_holdTheFloor_untilTtlEndsThem_withoutAReceiptIfAcknowledged() {
        var lane = lane().started();
        lane.store(event(0, ROLE).expiry(TestClock.START + 60_000), event(1, ROLE));
        lane.ack(ROLE, "ada", 0);
        lane.drain();
        assertThat(lane.beat().floor()).as("other members may still want it").isZero();

        clock().pass(Duration.ofMinutes(1));
        assertThat(lane.sweep().expired()).isEqualTo(1);

        assertThat(words(lane.drain())).containsExactly("moved role:desk/night-shift 0 0 0");
        assertThat(lane.beat().floor()).isEqualTo(1);
        assertThat(lane.attach(ROLE, "bob", -1L).gone()).containsExactly(new Gone(0, 1, 0));
    }

    @Test
    default void caps_boundWhatIsHeld_acknowledgedOrNot() {
        var lane = lane().started();
        lane.store(event(0, ROLE).caps(2, 999), event(1, ROLE).caps(2, 999));
        lane.ack(ROLE, "ada", 0);
        lane.drain();

        lane.store(event(2, ROLE).caps(2, 999));
        assertThat(words(lane.drain())).containsExactly("moved role:desk/night-shift 0 0 0");
        var answer = lane.store(event(3, ROLE).caps(2, 999));

        assertThat(words(answer.outbox()))
                .containsExactly(
                        "DROPPED 1 role:desk/night-shift e1", "moved role:desk/night-shift 0 1 1");
        var feed = lane.attach(ROLE, "bob", -1L);
        assertThat(offsets(feed)).containsExactly(2L, 3L);
        assertThat(feed.gone()).containsExactly(new Gone(1, 0, 2));
        assertThat(feed.unread()).isEqualTo(2);
    }
}
