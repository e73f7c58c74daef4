package io.switchboard.dispatcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GatheringTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Gathering gathering = new Gathering();
    private long now;

    @Test
    void loneRecord_findsNoPause() {
        gathering.took(1, now);

        assertThat(gathering.pauseNanos(now)).isZero();
    }

    @Test
    void aThousandASecond_findNoPause() {
        come(1_000, 2_000);

        assertThat(gathering.pauseNanos(now)).isZero();
    }

    @Test
    void theMoreCome_theLongerThePause_butNeverLong() {
        come(3_000, 2_000);
        long some = gathering.pauseNanos(now);
        come(5_000, 2_000);
        long more = gathering.pauseNanos(now);
        come(200_000, 2_000);

        assertThat(some).isPositive().isLessThan(more);
        assertThat(gathering.pauseNanos(now)).isBetween(more, 5 * MILLI);
    }

    @Test
    void recordsAfterAPause_hadOneToGatherIn() {
        come(5_000, 2_000);

        assertThat(gathering.hasPaused()).isTrue();

        now += 1_000 * MILLI;
        gathering.took(1, now);

        assertThat(gathering.hasPaused()).isFalse();
    }

    @Test
    void afterABurst_aLoneRecordFindsNoPause() {
        come(5_000, 2_000);
        now += 1_000 * MILLI;

        gathering.took(1, now);

        assertThat(gathering.pauseNanos(now)).isZero();
    }

    /// Record by record.
    private void come(int perSecond, int records) {
        for (int i = 0; i < records; i++) {
            now += TimeUnit.SECONDS.toNanos(1) / perSecond;
            gathering.took(1, now);
        }
    }
}
