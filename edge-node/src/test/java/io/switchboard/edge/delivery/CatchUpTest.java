package io.switchboard.edge.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Feed;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatchUpTest {
    @Test
    void entriesThatFollow_areWritten() {
        assertThat(steps(5, feed(standing(8, -1, -1, 0), entry(7, 5), entry(8, 7))))
                .containsExactly("7", "8");
    }

    @Test
    void whatTheListenerHas_isNotWrittenAgain() {
        assertThat(steps(7, feed(standing(8, -1, -1, 0), entry(7, 5), entry(8, 7))))
                .containsExactly("8");
    }

    @Test
    void aHoleBeforeAnEntry_isToldBeforeIt() {
        assertThat(steps(5, feed(standing(9, -1, -1, 0), entry(9, 8))))
                .containsExactly("lost unknown ..8", "9");
    }

    @Test
    void aHoleThatTheAgentAcknowledgedElsewhere_isToldAsThat() {
        assertThat(steps(5, feed(standing(9, 8, 8, 0), entry(9, 8))))
                .containsExactly("lost elsewhere ..8", "9");
    }

    @Test
    void aHoleThatIsOnlyPartlyAcknowledged_isUnknownToo() {
        assertThat(steps(5, feed(standing(9, 6, 6, 0), entry(9, 8))))
                .containsExactly("lost elsewhere unknown ..8", "9");
    }

    @Test
    void nothingLeftButAcknowledged_isTold() {
        assertThat(steps(5, feed(standing(8, 8, 8, 0)))).containsExactly("lost elsewhere ..8");
    }

    @Test
    void whatIsGone_isCounted_inItsPlace() {
        var feed =
                new Feed(
                        true,
                        5,
                        List.of(entry(7, 6), entry(12, 10)),
                        List.of(
                                new Feed.Gone(6, 1, 0),
                                new Feed.Gone(10, 0, 3),
                                new Feed.Gone(13, 2, 0)),
                        false,
                        0,
                        standing(13, -1, -1, 0));
        assertThat(steps(5, feed))
                .containsExactly(
                        "lost expired 1 ..6",
                        "7",
                        "lost overflow 3 ..10",
                        "12",
                        "lost expired 2 ..13");
    }

    @Test
    void whatIsGone_andPartlyHadBefore_isUnknown() {
        var feed =
                new Feed(
                        true,
                        5,
                        List.of(),
                        List.of(new Feed.Gone(8, 0, 0), new Feed.Gone(9, 0, 2)),
                        false,
                        0,
                        standing(9, -1, -1, 0));
        assertThat(steps(5, feed)).containsExactly("lost overflow 2 unknown ..9");
    }

    @Test
    void whatIsGoneAlreadyTold_isNotCountedAgain() {
        var feed =
                new Feed(
                        true,
                        6,
                        List.of(),
                        List.of(new Feed.Gone(6, 1, 0)),
                        false,
                        0,
                        standing(6, -1, -1, 0));
        assertThat(steps(6, feed)).isEmpty();
    }

    @Test
    void anEntryThatTheInboxCallsAlive_isWritten_whateverOurOwnClockSays() {
        var old = new Feed.Entry(7, 5, "e7", 1, new byte[0]);
        assertThat(steps(5, feed(standing(8, -1, -1, 0), old, entry(8, 7))))
                .containsExactly("7", "8");
    }

    @Test
    void positionsBelowTheBase_areNotVouchedFor() {
        assertThat(steps(5, feed(standing(12, -1, -1, 10), entry(12, 9))))
                .containsExactly("lost unknown ..9", "12");
        assertThat(steps(5, feed(standing(-1, -1, -1, 10)))).containsExactly("lost unknown ..9");
    }

    /// A gap in the log is crossed while older entries are still in the inbox: they come first.
    @Test
    void entriesBelowTheBase_areWritten_beforeTheGapIsTold() {
        assertThat(steps(5, feed(standing(12, -1, -1, 10), entry(7, 5), entry(12, 9))))
                .containsExactly("7", "lost unknown ..9", "12");
    }

    @Test
    void aShardThatWasRolledBack_saysNothing() {
        assertThat(steps(50, feed(standing(8, 3, 3, 0), entry(7, 5), entry(8, 7)))).isEmpty();
    }

    @Test
    void whileMoreIsToCome_theEndIsNotJudged() {
        var feed =
                new Feed(true, 5, List.of(entry(6, 5)), List.of(), true, 0, standing(9, 9, 9, 0));
        assertThat(steps(5, feed)).containsExactly("6");
    }

    /// One member's acknowledgement takes nothing from the others.
    @Test
    void inARolesInbox_acknowledgedIsNotGone() {
        var feed = feed(standing(8, 8, 8, 0), entry(7, 5), entry(8, 7));
        assertThat(names(CatchUp.steps(5, feed, false))).containsExactly("7", "8");
        assertThat(names(CatchUp.steps(5, feed(standing(8, 8, 8, 0)), false)))
                .containsExactly("lost unknown ..8");
    }

    private static Feed.Standing standing(long top, long acked, long settled, long base) {
        return new Feed.Standing(top, acked, settled, base, 100, "g", true);
    }

    private static Feed feed(Feed.Standing standing, Feed.Entry... entries) {
        return new Feed(true, 0, Arrays.asList(entries), List.of(), false, 0, standing);
    }

    private static Feed.Entry entry(long offset, long prev) {
        return new Feed.Entry(offset, prev, "e" + offset, Long.MAX_VALUE, new byte[0]);
    }

    private static List<String> steps(long last, Feed feed) {
        return names(CatchUp.steps(last, feed, true));
    }

    private static List<String> names(List<CatchUp.Step> steps) {
        return steps.stream().map(CatchUpTest::name).toList();
    }

    private static String name(CatchUp.Step step) {
        return switch (step) {
            case CatchUp.Step.Event(var entry) -> String.valueOf(entry.offset());
            case CatchUp.Step.Lost lost ->
                    "lost"
                            + (lost.expired() > 0 ? " expired " + lost.expired() : "")
                            + (lost.overflow() > 0 ? " overflow " + lost.overflow() : "")
                            + (lost.acknowledgedElsewhere() ? " elsewhere" : "")
                            + (lost.unknown() ? " unknown" : "")
                            + " .."
                            + lost.through();
        };
    }
}
