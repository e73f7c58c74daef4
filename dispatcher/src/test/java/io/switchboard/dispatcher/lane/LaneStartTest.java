package io.switchboard.dispatcher.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.CommitMarker.Redelivery;
import io.switchboard.schemas.LaneId;
import org.junit.jupiter.api.Test;

class LaneStartTest {
    private static final LaneId LANE = new LaneId("abcDEF", 0);

    private Long fence;
    private Ports.Committed committed;
    private long begin = 0;
    private long end = 100;
    private long horizon = 0;

    // --- with a fence

    @Test
    void startsAtTheCommit_orAfterTheFence_whicheverIsLess() {
        fence = 49L;
        own(40, 30);
        assertThat(resume().from()).isEqualTo(40);

        own(60, 30);
        assertThat(resume().from()).isEqualTo(50);
    }

    @Test
    void nothingBelowTheCommit_isRepublishedAgain() {
        fence = 20L;
        own(60, 10);

        assertThat(resume().from()).isEqualTo(21);
        assertThat(resume().effectsThrough()).isEqualTo(59);
        assertThat(resume().caught()).isEqualTo(60);
    }

    @Test
    void withoutACommit_theFenceCounts_andACommitIsMadeAtOnce() {
        fence = 49L;

        assertThat(resume().caught()).isEqualTo(50);
        assertThat(resume().commitNow()).isTrue();
        assertThat(resume().redelivery()).isNull();
    }

    @Test
    void foreignCommit_belowTheFence_isAskedForAgain_whileTheLaneGoesOn() {
        fence = 49L;
        committed = new Ports.Committed(10, "");

        assertThat(resume().caught()).isEqualTo(50);
        assertThat(resume().redelivery()).isEqualTo(new Redelivery("new", 10, 50, 10));
        assertThat(resume().commitNow()).isTrue();
    }

    /// The lane's own commit, which said what was not yet written, is overwritten.
    @Test
    void withoutItsOwnCommit_theEffectsOfTheLastRecordsAreRepeated() {
        end = 20_000;
        fence = 9_999L;
        committed = new Ports.Committed(9_990, "");

        assertThat(resume().from()).isEqualTo(10_000 - LaneStart.UNSURE);
        assertThat(resume().effectsThrough()).isEqualTo(resume().from() - 1);
        committed = null;
        assertThat(resume().from()).isEqualTo(10_000 - LaneStart.UNSURE);
        begin = 9_000;
        assertThat(resume().from()).isEqualTo(9_000);
    }

    @Test
    void foreignCommit_belowRetention_isAskedForFromWhereTheLogBegins() {
        fence = 49L;
        begin = 30;
        committed = new Ports.Committed(10, "");

        assertThat(resume().redelivery()).isEqualTo(new Redelivery("new", 30, 50, 30));
    }

    @Test
    void foreignCommit_aheadOfTheFence_isNotObeyed_andSaidSo() {
        fence = 49L;
        committed = new Ports.Committed(80, "");

        assertThat(resume().caught()).isEqualTo(50);
        assertThat(resume().redelivery()).isNull();
        assertThat(resume().skip()).isNull();
        assertThat(resume().notes()).anyMatch(note -> note.contains("not obeyed"));
    }

    @Test
    void foreignCommit_rightAfterTheFence_asksForNothing() {
        fence = 49L;
        committed = new Ports.Committed(50, "");

        assertThat(resume().redelivery()).isNull();
        assertThat(resume().notes()).isEmpty();
    }

    @Test
    void copiedCommit_whoseMarkerSaysAnotherOffset_isForeign() {
        fence = 49L;
        committed = new Ports.Committed(10, marker("abcDEF", 50, 50, null, null).encode());

        assertThat(resume().redelivery()).isNotNull();
    }

    @Test
    void commitOfATopicOfTheSameName_thatWasDeleted_saysNothing() {
        fence = 49L;
        committed = new Ports.Committed(10, marker("oldTag", 10, 10, null, null).encode());

        assertThat(resume().caught()).isEqualTo(50);
        assertThat(resume().redelivery()).isNull();
    }

    @Test
    void skipAndRedelivery_thatStandInTheCommit_goOn() {
        fence = 49L;
        var under = new Redelivery("r1", 0, 40, 7);
        committed = new Ports.Committed(50, marker("abcDEF", 50, 50, under, 70L).encode());

        assertThat(resume().redelivery()).isEqualTo(under);
        assertThat(resume().skip()).isEqualTo(70);
        assertThat(resume().commitNow()).isFalse();
    }

    @Test
    void newerReset_supersedesARedeliveryThatIsUnderWay() {
        fence = 49L;
        committed = new Ports.Committed(20, "");

        assertThat(resume().redelivery().id()).isEqualTo("new");
        assertThat(resume().redelivery().from()).isEqualTo(20);
    }

    @Test
    void fenceBeyondTheLogsEnd_isRefused() {
        fence = 100L;

        assertThat(decide()).isInstanceOf(StartPlan.Refuse.class);
        fence = 99L;
        assertThat(decide()).isInstanceOf(StartPlan.Resume.class);
    }

    @Test
    void gapThatRetentionMade_isCrossedByAdvance() {
        fence = 9L;
        begin = 30;
        own(10, 10);

        assertThat(resume().advanceTo()).isEqualTo(30);
        assertThat(resume().from()).isEqualTo(30);
    }

    @Test
    void retentionBehindTheFence_isNoGap() {
        fence = 49L;
        begin = 45;
        own(40, 40);

        assertThat(resume().advanceTo()).isNull();
        assertThat(resume().from()).isEqualTo(45);
    }

    // --- without a fence

    @Test
    void emptiedShard_isFilledFromTheFloor_andVouchedFor() {
        own(60, 10);

        assertThat(rebuild().from()).isEqualTo(10);
        assertThat(rebuild().base()).isZero();
        assertThat(rebuild().effectsThrough()).isEqualTo(59);
        assertThat(rebuild().caught()).isEqualTo(60);
        assertThat(rebuild().commitNow()).isFalse();
    }

    @Test
    void floorThatRetentionPassed_isNotVouchedFor() {
        own(60, 10);
        begin = 20;

        assertThat(rebuild().from()).isEqualTo(20);
        assertThat(rebuild().base()).isEqualTo(20);
    }

    @Test
    void withoutACommit_everythingThatMayStillMatter_isStored() {
        horizon = 40;

        assertThat(rebuild().from()).isEqualTo(40);
        assertThat(rebuild().base()).isEqualTo(40);
        assertThat(rebuild().caught()).isEqualTo(100);
        assertThat(rebuild().commitNow()).isTrue();
    }

    @Test
    void withoutACommit_andNothingInTheHorizon_theLogsEndIsTheStart() {
        horizon = 100;

        assertThat(rebuild().from()).isEqualTo(100);
    }

    @Test
    void foreignCommit_onAnEmptiedShard_isAskedForAgain_andTheShardFilledFromTheHorizon() {
        horizon = 40;
        committed = new Ports.Committed(70, "");

        assertThat(rebuild().from()).isEqualTo(40);
        assertThat(rebuild().redelivery()).isEqualTo(new Redelivery("new", 70, 100, 70));
        assertThat(rebuild().commitNow()).isTrue();
    }

    @Test
    void commitBeyondTheLogsEnd_onAnEmptiedShard_isRefused() {
        own(101, 10);

        assertThat(decide()).isInstanceOf(StartPlan.Refuse.class);
    }

    private void own(long offset, long floor) {
        committed =
                new Ports.Committed(offset, marker("abcDEF", offset, floor, null, null).encode());
    }

    private static CommitMarker marker(
            String tag, long offset, long floor, Redelivery redelivery, Long skip) {
        return new CommitMarker(tag, offset, floor, "g", redelivery, skip, 0);
    }

    private StartPlan.Resume resume() {
        return (StartPlan.Resume) decide();
    }

    private StartPlan.Rebuild rebuild() {
        return (StartPlan.Rebuild) decide();
    }

    private StartPlan decide() {
        return LaneStart.decide(
                new LaneStart.Facts(
                        LANE,
                        committed,
                        new Inbox.LaneState(fence, "g", 0),
                        new Ports.Bounds(begin, end),
                        horizon,
                        "new"));
    }
}
