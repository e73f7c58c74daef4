package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.kinds;
import static io.switchboard.inbox.InboxKit.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Append.Verdict;
import io.switchboard.inbox.AppendAnswer.Outcome.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The same thing, said again, is stored once; another thing never counts as a repetition.
interface DedupeContract extends InboxKit {

    @Test
    default void splitRecord_isARepeat_whenItsOriginWasPassed() {
        var lane = lane().started();
        lane.store(event(0, ADA).origin("t.1", 40, 1));

        var answer =
                lane.store(
                        event(1, ADA).origin("t.1", 40, 0),
                        event(2, ADA).origin("t.1", 40, 1),
                        event(3, ADA).origin("t.1", 40, 2),
                        event(4, ADA).origin("t.1", 39, 9),
                        event(5, ADA).origin("t.2", 39, 9),
                        event(6, ADA).origin("t.1", 41, 0));

        assertThat(lane.kinds(answer))
                .isEqualTo(
                        kinds(
                                Kind.REPEAT,
                                Kind.REPEAT,
                                Kind.STORED,
                                Kind.REPEAT,
                                Kind.STORED,
                                Kind.STORED));
        assertThat(offsets(lane.read(ADA, -1))).containsExactly(0L, 3L, 5L, 6L);
    }

    @Test
    default void producersRetry_isARepeat_evenWithinItsBatch() {
        var lane = lane().started();

        var answer =
                lane.store(event(0, ADA).ids("a"), event(1, ADA).ids("a"), event(2, ADA).ids("b"));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED, Kind.REPEAT, Kind.STORED));
        assertThat(lane.kinds(lane.store(event(3, ADA).ids("c", "b"))))
                .isEqualTo(kinds(Kind.REPEAT));
        assertThat(lane.kinds(lane.store(event(4, ADA).ids("c")))).isEqualTo(kinds(Kind.STORED));
    }

    @Test
    default void repeat_doesNotHideWhatFollows() {
        var lane = lane().started();
        lane.store(event(0, ADA).ids("a"));

        var answer = lane.store(event(1, ADA).ids("a"), event(2, ADA));

        assertThat(answer.outcomes().getLast().prev()).isZero();
    }

    @Test
    default void ids_areHeldForAWindow_andForgottenAfterTwo() {
        var lane = lane().started();
        lane.store(event(0, ADA).ids("a"));

        lane.recordTime += Inbox.DEDUPE_WINDOW.toMillis();
        assertThat(lane.kinds(lane.store(event(1, ADA).ids("a"), event(2, ADA).ids("b"))))
                .isEqualTo(kinds(Kind.REPEAT, Kind.STORED));

        lane.recordTime += Inbox.DEDUPE_WINDOW.toMillis();
        assertThat(lane.kinds(lane.store(event(3, ADA).ids("a"), event(4, ADA).ids("b"))))
                .isEqualTo(kinds(Kind.STORED, Kind.REPEAT));
    }

    @Test
    default void reDrivenLetter_isARepeat_forAsLongAsLettersAreKept() {
        var lane = lane().started();
        lane.store(event(0, ADA).letters("t.1.5"));
        lane.recordTime += Inbox.LETTER_WINDOW.toMillis();

        var answer = lane.store(event(1, ADA).letters("t.1.5"), event(2, ADA).ids("t.1.5"));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.REPEAT, Kind.STORED));
    }

    @Test
    default void idHeldAtItsOwnOrALaterOffset_isNoRepeat() {
        var lane = lane();
        lane.restore(
                "token",
                List.of(),
                List.of(),
                List.of(
                        new Inbox.SeenId("own", false, 10, lane.recordTime),
                        new Inbox.SeenId("later", false, 12, lane.recordTime),
                        new Inbox.SeenId("earlier", false, 8, lane.recordTime)));
        lane.prev = 9;
        lane.initialised("token", 0);

        var answer =
                lane.store(
                        event(10, ADA).ids("own"),
                        event(11, ADA).ids("later"),
                        event(12, ADA).ids("later"),
                        event(13, ADA).ids("earlier"));

        assertThat(lane.kinds(answer))
                .isEqualTo(kinds(Kind.STORED, Kind.STORED, Kind.REPEAT, Kind.REPEAT));
    }

    @Test
    default void delayedRecord_isNotStored_butItsIdIsTaken() {
        var lane = lane().started();
        var later = TestClock.START + 60_000;

        var answer =
                lane.store(
                        event(0, ADA).ids("a").verdict(new Verdict.Delay(later)),
                        event(1, ADA).ids("a"));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.DELAYED, Kind.REPEAT));
        assertThat(lane.read(ADA, -1).entries()).isEmpty();
        assertThat(answer.floor()).isZero();
        assertThat(lane.kinds(lane.storeAgain(-1, event(0, ADA).verdict(new Verdict.Delay(later)))))
                .isEqualTo(kinds(Kind.DELAYED));
    }

    @Test
    default void dueRecords_areListedByTheirTime_untilTheirCopiesAreRead() {
        var lane = lane().started();
        lane.store(
                event(0, ADA).verdict(new Verdict.Delay(TestClock.START + 2_000)),
                event(1, ADA).verdict(new Verdict.Delay(TestClock.START + 1_000)),
                event(2, ADA).verdict(new Verdict.Delay(TestClock.START + 900_000)));
        assertThat(lane.sweep().due()).isEmpty();

        clock().pass(java.time.Duration.ofSeconds(3));

        assertThat(lane.sweep().due()).containsExactly(1L, 0L);
        assertThat(lane.sweep().due())
                .as("nothing but its copy ends a delay")
                .containsExactly(1L, 0L);
        var answer = lane.store(event(3, ADA).ids("t.3.1").releases(1));
        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED));
        assertThat(lane.sweep().due()).containsExactly(0L);
        assertThat(lane.storeAgain(0, event(1, ADA)).outcomes().getFirst().kind())
                .isEqualTo(Kind.REPEAT);
    }

    @Test
    default void delayedRecord_isNotARepeat_becauseAShorterOneOvertookIt() {
        var lane = lane().started();
        var delay = new Verdict.Delay(TestClock.START);
        lane.store(event(10, ADA).verdict(delay), event(11, ADA).verdict(delay));

        var answer =
                lane.store(
                        event(12, ADA).ids("t.3.11").releases(11),
                        event(13, ADA).ids("t.3.10").releases(10),
                        event(14, ADA).ids("t.3.11").releases(11));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED, Kind.STORED, Kind.REPEAT));
        assertThat(lane.sweep().due()).isEmpty();
    }

    @Test
    default void copyOfADelayedRecord_endsTheDelay_whateverBecomesOfIt() {
        var lane = lane().started();
        var delay = new Verdict.Delay(TestClock.START);
        lane.store(
                event(0, ADA).verdict(delay),
                event(1, ADA).verdict(delay),
                event(2, ADA).verdict(delay),
                event(3, ADA).ids("seen"));

        lane.store(
                event(4, ADA).ids("seen").releases(0),
                event(5, ADA).verdict(new Verdict.Pass()).releases(1));
        assertThat(lane.sweep().due()).containsExactly(2L);

        lane.storeAgain(2, event(3, ADA).releases(2));
        assertThat(lane.sweep().due()).isEmpty();
        assertThat(lane.beat().floor()).isEqualTo(3);
    }
}
