package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.kinds;
import static io.switchboard.inbox.InboxKit.offsets;
import static io.switchboard.inbox.InboxKit.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Append.Verdict;
import io.switchboard.inbox.AppendAnswer.Outcome.Kind;
import io.switchboard.inbox.Feed.Gone;
import io.switchboard.schemas.ReceiptLevel;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// What ends without an ack leaves a tombstone and a receipt: never a silent hole.
interface EndingContract extends InboxKit {
    long SOON = TestClock.START + 1_000;

    @Test
    default void expiredEntry_isGoneAtOnce_andSweptOnce() {
        var lane = lane().started();
        lane.store(event(0, ADA).expiry(SOON), event(1, ADA), event(2, ADA).expiry(SOON));
        clock().pass(Duration.ofSeconds(1));

        var before = lane.attach(ADA);
        assertThat(offsets(before)).containsExactly(1L);
        assertThat(before.gone()).containsExactly(new Gone(0, 1, 0), new Gone(2, 1, 0));
        assertThat(before.unread()).isEqualTo(1);

        assertThat(lane.sweep().expired()).isEqualTo(2);
        assertThat(lane.sweep().expired()).isZero();

        var after = lane.attach(ADA);
        assertThat(offsets(after)).containsExactly(1L);
        assertThat(after.gone()).isEqualTo(before.gone());
        assertThat(after.unread()).isEqualTo(1);
        assertThat(after.standing().settled()).isZero();
        assertThat(after.standing().acked()).isEqualTo(-1);
        assertThat(words(lane.drain()))
                .containsExactly(
                        "EXPIRED 0 agent:desk/ada e0",
                        "EXPIRED 2 agent:desk/ada e2",
                        "moved agent:desk/ada -1 0 2");
        assertThat(lane.beat().floor()).isEqualTo(1);
    }

    @Test
    default void expiryOfAnAbsentAgentsEntries_movesSettled_soThatARebuildKnows() {
        var lane = lane().started();
        lane.store(
                event(0, ADA).expiry(SOON).receipts(ReceiptLevel.NONE), event(3, ADA).expiry(SOON));
        clock().pass(Duration.ofSeconds(1));
        lane.sweep();

        assertThat(lane.standing(ADA).settled()).isEqualTo(3);
        assertThat(lane.beat().floor()).as("until the topic knows").isZero();
        assertThat(words(lane.drain()))
                .containsExactly("EXPIRED 3 agent:desk/ada e3", "moved agent:desk/ada -1 3 3");
        assertThat(lane.beat().floor()).isEqualTo(4);
        assertThat(lane.attach(ADA).gone()).containsExactly(new Gone(3, 2, 0));
    }

    @Test
    default void entryDeadOnArrival_isATombstone() {
        var lane = lane().started();

        var answer =
                lane.store(event(0, ADA), event(1, ADA).expiry(TestClock.START), event(2, ADA));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED, Kind.GONE, Kind.STORED));
        assertThat(answer.outcomes().getLast().prev()).isEqualTo(1);
        assertThat(words(answer.outbox())).contains("EXPIRED 1 agent:desk/ada e1");
        assertThat(lane.read(ADA, -1).gone()).containsExactly(new Gone(1, 1, 0));
        assertThat(lane.kinds(lane.storeAgain(0, event(1, ADA)))).isEqualTo(kinds(Kind.REPEAT));
    }

    @Test
    default void skippedRecord_isDropped() {
        var lane = lane().started();

        var answer =
                lane.store(
                        event(0, ADA).verdict(new Verdict.Drop()),
                        event(1, ADA).receipts(ReceiptLevel.NONE).verdict(new Verdict.Drop()));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.GONE, Kind.GONE));
        assertThat(words(answer.outbox()))
                .containsExactly("DROPPED 0 agent:desk/ada e0", "moved agent:desk/ada -1 1 1");
        assertThat(lane.attach(ADA).gone()).containsExactly(new Gone(1, 0, 2));
    }

    @Test
    default void fullInbox_dropsTheOldest_andAFreshBrowserIsTold() {
        var lane = lane().started();
        lane.store(event(0, ADA).caps(2, 999), event(1, ADA).caps(2, 999));
        lane.ack(ADA, 0);
        lane.drain();

        lane.store(event(2, ADA).caps(2, 999));
        var answer = lane.store(event(3, ADA).caps(2, 999), event(4, ADA).caps(2, 999));

        assertThat(words(answer.outbox()))
                .containsExactly(
                        "DROPPED 1 agent:desk/ada e1",
                        "DROPPED 2 agent:desk/ada e2",
                        "moved agent:desk/ada 0 2 2");
        assertThat(answer.floor()).isEqualTo(1);
        var fresh = lane.attach(ADA);
        assertThat(fresh.from()).isZero();
        assertThat(offsets(fresh)).containsExactly(3L, 4L);
        assertThat(fresh.gone()).containsExactly(new Gone(2, 0, 2));
        assertThat(fresh.standing().acked()).isZero();
        assertThat(fresh.standing().settled()).isEqualTo(2);
        lane.drain();
        assertThat(lane.beat().floor()).isEqualTo(3);
    }

    @Test
    default void capInBytes_countsFrames_andTheNewestAlwaysStays() {
        var lane = lane().started();
        lane.store(
                event(0, ADA).frame("12345").caps(9, 10), event(1, ADA).frame("12345").caps(9, 10));
        assertThat(lane.read(ADA, -1).entries()).hasSize(2);

        lane.store(event(2, ADA).frame("123456789012").caps(9, 10));

        assertThat(offsets(lane.read(ADA, -1))).containsExactly(2L);
        assertThat(lane.attach(ADA).unread()).isEqualTo(1);
    }

    @Test
    default void acknowledgedEntries_doNotCountForTheCap() {
        var lane = lane().started();
        lane.store(event(0, ADA).caps(1, 999));
        lane.ack(ADA, 0);

        lane.store(event(1, ADA).caps(1, 999));

        assertThat(offsets(lane.read(ADA, -1))).containsExactly(0L, 1L);
    }

    @Test
    default void caps_waitUntilARebuildIsDone() {
        var lane = lane().started();
        lane.caps = false;
        lane.store(
                event(0, ADA).caps(1, 999), event(1, ADA).caps(1, 999), event(2, ADA).caps(1, 999));
        assertThat(lane.read(ADA, -1).entries()).hasSize(3);

        lane.caps = true;
        lane.store(event(3, ADA).caps(1, 999));

        assertThat(offsets(lane.read(ADA, -1))).containsExactly(3L);
    }

    @Test
    default void entryPushedOutWithinItsBatch_isNotHinted() {
        var lane = lane().started();
        lane.attach(ADA);

        var answer = lane.store(event(0, ADA).caps(1, 999), event(1, ADA).caps(1, 999));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.GONE, Kind.STORED));
        assertThat(answer.outcomes().getFirst().edges()).isEmpty();
        assertThat(answer.outcomes().getLast().prev()).isZero();
    }

    @Test
    default void tombstonesWithNothingAliveBetween_areOne_andKeepTheirCounts() {
        var lane = lane().started();
        var batch = new ArrayList<TestRecord>();
        for (int i = 0; i < 80; i++) {
            batch.add(event(i, ADA).expiry(i % 2 == 0 ? SOON : TestClock.START + 10_000));
        }
        lane.store(batch.toArray(TestRecord[]::new));
        clock().pass(Duration.ofSeconds(1));
        lane.sweep();

        var between = lane.read(ADA, -1).gone();
        assertThat(between).hasSize(Tombstones.MAX);
        assertThat(between.stream().mapToInt(Gone::expired).sum()).isEqualTo(40);
        assertThat(between.getLast().through()).isEqualTo(78);

        clock().pass(Duration.ofSeconds(20));
        while (lane.sweep().more()) {
            assertThat(lane.read(ADA, -1).entries()).isEmpty();
        }
        assertThat(lane.read(ADA, -1).gone()).containsExactly(new Gone(79, 80, 0));
    }

    @Test
    default void manyTombstones_blurOnlyWhereTheLivingStandBetween() {
        var lane = lane().started();
        var batch = new ArrayList<TestRecord>();
        for (int i = 0; i <= 40; i++) {
            batch.add(i == 20 ? event(i, ADA) : event(i, ADA).verdict(new Verdict.Drop()));
        }
        lane.store(batch.toArray(TestRecord[]::new));

        assertThat(lane.read(ADA, -1).gone())
                .containsExactly(new Gone(19, 0, 20), new Gone(40, 0, 20));
    }

    @Test
    default void whoeverHadSomeOfWhatIsCountedTogether_isNotToldTheCount() {
        var lane = lane().started();
        var batch = new ArrayList<TestRecord>();
        for (int i = 0; i < 20; i++) {
            batch.add(event(i, ADA).verdict(new Verdict.Drop()));
        }
        lane.store(batch.toArray(TestRecord[]::new));

        assertThat(lane.read(ADA, -1).gone()).containsExactly(new Gone(19, 0, 20));
        assertThat(lane.read(ADA, 10).gone()).containsExactly(new Gone(19, 0, 9));
        assertThat(lane.read(ADA, 2).gone())
                .containsExactly(new Gone(4, 0, 0), new Gone(19, 0, 15));
    }

    @Test
    default void partOfARead_tellsOnlyOfWhatLiesBeforeItsEnd() {
        var lane = lane().started();
        lane.store(
                event(0, ADA).verdict(new Verdict.Drop()),
                event(1, ADA),
                event(2, ADA).verdict(new Verdict.Drop()),
                event(3, ADA));

        var first = TestLane.await(inbox().read(lane.id, ADA, -1, 1));
        assertThat(first.gone()).containsExactly(new Gone(0, 0, 1));
        assertThat(TestLane.await(inbox().read(lane.id, ADA, 1, 1)).gone())
                .containsExactly(new Gone(2, 0, 1));
    }

    @Test
    default void tombstones_leaveWithTheAcksThatPassedThem() {
        var lane = lane().started();
        lane.store(event(0, ADA).verdict(new Verdict.Drop()), event(1, ADA));
        lane.ack(ADA, 1);
        assertThat(lane.read(ADA, -1).gone()).hasSize(1);

        clock().pass(Duration.ofMinutes(4));
        lane.sweep();

        assertThat(lane.read(ADA, -1).gone()).isEmpty();
    }

    @Test
    default void manyExpiries_areSweptInBoundedParts() {
        var lane = lane().started();
        for (int from = 0; from < 500; from += 100) {
            var batch = new ArrayList<TestRecord>();
            for (int i = from; i < from + 100; i++) {
                batch.add(event(i, ADA).expiry(SOON));
            }
            lane.store(batch.toArray(TestRecord[]::new));
        }
        clock().pass(Duration.ofSeconds(2));

        int expired = 0;
        Inbox.Swept swept;
        do {
            swept = lane.sweep();
            expired += swept.expired();
        } while (swept.more());

        assertThat(expired).isEqualTo(500);
        assertThat(lane.attach(ADA).gone()).containsExactly(new Gone(499, 500, 0));
    }
}
