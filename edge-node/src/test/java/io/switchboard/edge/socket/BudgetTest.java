package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.edge.delivery.EdgeMeters;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private final Budget budget =
            new Budget(
                    new SocketSettings(
                            1, 2, 100_000, Duration.ofSeconds(1), Duration.ofSeconds(1), 1, 1),
                    EdgeMeters.NONE);

    @Test
    void soManyConnections_andNoMore_untilOneGoes() {
        assertThat(budget.tryConnect()).isTrue();
        assertThat(budget.tryConnect()).isTrue();
        assertThat(budget.tryConnect()).isFalse();
        budget.onDisconnected();
        assertThat(budget.tryConnect()).isTrue();
    }

    @Test
    void aConnectionIsFull_atItsBound() {
        assertThat(budget.allows(Budget.HIGH_BYTES - 1)).isTrue();
        assertThat(budget.allows(Budget.HIGH_BYTES)).isFalse();
    }

    @Test
    void whenTheProcessIsFull_eachConnectionHasOneFrameUnderWay() {
        budget.add(100_000);
        assertThat(budget.allows(1)).isFalse();
        assertThat(budget.allows(0)).isTrue();
        budget.add(-1);
        assertThat(budget.allows(1)).isTrue();
    }

    @Test
    void aBucket_givesTwiceItsRateAtOnce_andThenItsRate() {
        var bucket = new TokenBucket(10, 0);
        for (int i = 0; i < 20; i++) {
            assertThat(bucket.take(0)).isTrue();
        }
        assertThat(bucket.take(0)).isFalse();
        assertThat(bucket.take(99)).isFalse();
        assertThat(bucket.take(100)).isTrue();
        assertThat(bucket.take(100)).isFalse();
    }
}
