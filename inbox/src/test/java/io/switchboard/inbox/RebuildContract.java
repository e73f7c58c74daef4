package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.kinds;
import static io.switchboard.inbox.InboxKit.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Append.OriginFence;
import io.switchboard.inbox.AppendAnswer.Outcome.Kind;
import io.switchboard.inbox.Feed.Gone;
import io.switchboard.schemas.AckedPosition;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A shard that lost everything is filled again from Kafka.
interface RebuildContract extends InboxKit {

    @Test
    default void acknowledgedBeforeTheLoss_isNotOpenAgain() {
        var lane = lane();
        lane.restore("token", List.of(lane.position(ADA, 4, 4)));
        lane.prev = 2;
        lane.initialised("token", 0);

        var answer = lane.store(event(3, ADA), event(4, ADA), event(5, ADA));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED, Kind.STORED, Kind.STORED));
        assertThat(answer.outbox()).isEmpty();
        assertThat(answer.floor()).isEqualTo(5);
        var fresh = lane.attach(ADA);
        assertThat(offsets(fresh)).containsExactly(5L);
        assertThat(fresh.unread()).isEqualTo(1);
        assertThat(offsets(lane.attach(ADA, null, 3L)))
                .as("another tab that lags still reads it")
                .containsExactly(4L, 5L);
    }

    @Test
    default void droppedBeforeTheLoss_isATombstoneAgain_withoutASecondReceipt() {
        var lane = lane();
        lane.restore("token", List.of(new AckedPosition(ADA, null, lane.id.tag(), 1, 3, 3)));
        lane.prev = 0;
        lane.initialised("token", 0);

        var answer = lane.store(event(1, ADA), event(2, ADA), event(3, ADA), event(4, ADA));

        assertThat(lane.kinds(answer))
                .isEqualTo(kinds(Kind.STORED, Kind.GONE, Kind.GONE, Kind.STORED));
        assertThat(answer.outbox()).isEmpty();
        var fresh = lane.attach(ADA);
        assertThat(offsets(fresh)).containsExactly(4L);
        assertThat(fresh.gone()).containsExactly(new Gone(3, 0, 2));
    }

    @Test
    default void firstEntryAfterALoss_showsThatSomethingLiesBeforeIt() {
        var lane = lane();
        lane.restore("token", List.of(lane.position(ADA, 7, 7)));
        lane.prev = 9;
        lane.initialised("token", 0);
        assertThat(lane.standing(ADA).top()).as("a tab behind 7 has missed something").isEqualTo(7);

        var answer = lane.store(event(10, ADA), event(11, BOB));

        assertThat(answer.outcomes())
                .extracting(AppendAnswer.Outcome::prev)
                .containsExactly(7L, -1L);
    }

    @Test
    default void rebuildWithoutACommit_vouchesForNothingBelowItsBase() {
        var lane = lane();
        lane.restore("token", List.of());
        lane.prev = 99;
        lane.initialised("token", 100);

        assertThat(lane.store(event(100, ADA)).outcomes().getFirst().prev()).isEqualTo(99);
        assertThat(lane.standing(BOB).base()).isEqualTo(100);
    }

    @Test
    default void restoredOriginsAndIds_recogniseRepeats_afterALoss() {
        var lane = lane();
        lane.restore(
                "token",
                List.of(),
                List.of(new OriginFence("t.1", 8, 1), new OriginFence("t.1", 8, 0)),
                List.of(
                        new Inbox.SeenId("a", false, 5, lane.recordTime),
                        new Inbox.SeenId("a", false, 7, lane.recordTime),
                        new Inbox.SeenId("letter", true, 2, lane.recordTime - 86_400_000L),
                        new Inbox.SeenId(
                                "old",
                                false,
                                1,
                                lane.recordTime - 2 * Inbox.DEDUPE_WINDOW.toMillis())));
        lane.prev = 9;
        lane.initialised("token", 0);

        var answer =
                lane.store(
                        event(10, ADA).origin("t.1", 8, 1),
                        event(11, ADA).ids("a"),
                        event(12, ADA).letters("letter"),
                        event(13, ADA).ids("old"));

        assertThat(lane.kinds(answer))
                .isEqualTo(kinds(Kind.REPEAT, Kind.REPEAT, Kind.REPEAT, Kind.STORED));
    }

    @Test
    default void smallestOffsetOfARestoredId_stays() {
        var lane = lane();
        for (long offset : List.of(12L, 10L, 14L)) {
            lane.restore(
                    "token",
                    List.of(),
                    List.of(),
                    List.of(new Inbox.SeenId("a", false, offset, lane.recordTime)));
        }
        lane.prev = 10;
        lane.initialised("token", 0);

        assertThat(lane.kinds(lane.store(event(11, ADA).ids("a")))).isEqualTo(kinds(Kind.REPEAT));
    }

    @Test
    default void rebuild_thatBeginsAnew_remembersTheIdsThatItBrings() {
        var lane = lane();
        for (var token : List.of("first", "second")) {
            lane.restoreAfter(
                    "",
                    token,
                    List.of(),
                    List.of(),
                    List.of(
                            new Inbox.SeenId("a", false, 5, lane.recordTime),
                            new Inbox.SeenId("letter", true, 2, lane.recordTime)));
        }
        lane.prev = 10;
        lane.initialised("second", 0);

        assertThat(
                        lane.kinds(
                                lane.store(
                                        event(11, ADA).ids("a"), event(12, ADA).letters("letter"))))
                .isEqualTo(kinds(Kind.REPEAT, Kind.REPEAT));
    }

    @Test
    default void largerRestoredPosition_stays_andCursorsToo() {
        var lane = lane();
        var tag = lane.id.tag();
        lane.restore(
                "token",
                List.of(
                        new AckedPosition(ROLE, "ada", tag, 6, 6, -1),
                        new AckedPosition(ROLE, null, tag, 6, 6, -1),
                        new AckedPosition(BOB, null, "other", 9, 9, -1)));
        lane.restore(
                "token",
                List.of(
                        new AckedPosition(ROLE, "ada", tag, 3, 3, -1),
                        new AckedPosition(ROLE, null, tag, 4, 5, -1)));
        lane.prev = 9;
        lane.initialised("token", 0);

        assertThat(lane.standing(ROLE).acked()).isEqualTo(6);
        assertThat(lane.attach(ROLE, "ada", null).from()).isEqualTo(6);
        assertThat(lane.standing(BOB).acked()).as("of another topic").isEqualTo(-1);
    }

    @Test
    default void newToken_beginsAnew_butListenersStay() {
        var lane = lane();
        lane.acksOffset = 40;
        lane.restore(
                "first",
                List.of(
                        lane.position(ADA, 7, 7),
                        new AckedPosition(ROLE, "ada", lane.id.tag(), 7, 7, -1)),
                List.of(new OriginFence("t.1", 8, 1)),
                List.of(new Inbox.SeenId("a", false, 1, lane.recordTime)));
        lane.attach(ADA);
        lane.acksOffset = 30;

        lane.restore("second", List.of());
        lane.prev = 9;
        assertThat(lane.append(9, 9, new Append.Init("first", 0)))
                .isEqualTo(new AppendAnswer.Behind(null));
        lane.initialised("second", 0);

        var answer = lane.store(event(10, ADA).origin("t.1", 8, 1).ids("a"));
        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED));
        assertThat(answer.outcomes().getFirst().edges()).containsExactly(TestLane.EDGE);
        assertThat(answer.outcomes().getFirst().prev()).isEqualTo(-1);
        assertThat(answer.acksApplied()).isEqualTo(30);
        assertThat(lane.attach(ROLE, "ada", null).from()).isEqualTo(-1);
    }

    @Test
    default void partOfARebuild_isIgnored_ifTheShardLacksTheOneBefore() {
        var lane = lane();
        lane.restore("one", List.of(lane.position(ADA, 7, 7)));
        lane.restoreAfter("two", "three", List.of(lane.position(BOB, 7, 7)), List.of(), List.of());
        lane.prev = 9;

        assertThat(lane.append(9, 9, new Append.Init("three", 0)))
                .as("a rebuild that lacks a part")
                .isEqualTo(new AppendAnswer.Behind(null));
        lane.restoreAfter("one", "two", List.of(lane.position(ADA, 8, 8)), List.of(), List.of());
        lane.restoreAfter("one", "two", List.of(lane.position(BOB, 8, 8)), List.of(), List.of());
        assertThat(lane.append(9, 9, new Append.Init("one", 0)))
                .as("a rebuild that has gone on")
                .isEqualTo(new AppendAnswer.Behind(null));
        lane.initialised("two", 0);

        assertThat(lane.standing(ADA).acked()).isEqualTo(8);
        assertThat(lane.standing(BOB).acked()).as("of a part that came twice").isEqualTo(-1);
    }

    @Test
    default void partOfARebuild_isIgnored_byAShardThatWasEmptiedSince() {
        var lane = lane();
        lane.restoreAfter("one", "two", List.of(lane.position(ADA, 7, 7)), List.of(), List.of());

        assertThat(lane.append(9, 9, new Append.Init("two", 0)))
                .isEqualTo(new AppendAnswer.Behind(null));
    }

    @Test
    default void restore_isIgnored_onceThereIsAFence() {
        var lane = lane().started(9);

        lane.restore("token", List.of(lane.position(ADA, 7, 7)));

        assertThat(lane.standing(ADA).acked()).isEqualTo(-1);
    }

    @Test
    default void restoreOfManyPositions_isWhole() {
        var lane = lane();
        lane.acksOffset = 5;
        var positions =
                IntStream.range(0, 1_300)
                        .mapToObj(
                                i ->
                                        lane.position(
                                                new io.switchboard.schemas.Address.Agent(
                                                        "desk", "a" + i),
                                                i,
                                                i))
                        .toList();
        lane.restore("token", positions);
        lane.prev = 2_000;
        lane.initialised("token", 0);

        assertThat(lane.standing(positions.getFirst().address()).acked()).isZero();
        assertThat(lane.standing(positions.getLast().address()).acked()).isEqualTo(1_299);
        assertThat(lane.beat().acksApplied()).isEqualTo(5);

        var held = lane.settle(positions.reversed(), List.of());
        assertThat(held).isEqualTo(positions.reversed());
        var checks =
                positions.stream()
                        .map(each -> new Inbox.Check(each.address(), TestLane.EDGE, 1))
                        .toList();
        assertThat(TestLane.await(inbox().positions(lane.id, checks)))
                .extracting(Feed.Standing::acked)
                .startsWith(0L, 1L)
                .endsWith(1_298L, 1_299L)
                .hasSize(1_300);
    }
}
