package io.switchboard.bench.far;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {
    private final Tally tally = new Tally();

    @Test
    void onlyEventsThatWereDueWithinTheWindow_areCounted() {
        long now = System.nanoTime();
        tally.measure(now, now + 1_000);

        tally.onEvent(now - 1, 1, 0);
        tally.onEvent(now, 2, 1);
        tally.onEvent(now + 1_000, 3, 2);

        assertThat(tally.received.sum()).isEqualTo(3);
        assertThat(tally.counted.sum()).isEqualTo(1);
        assertThat(tally.latencies().getTotalCount()).isEqualTo(1);
    }

    @Test
    void numbersThatAreMissingOrComeTwice_areCounted() {
        tally.onEvent(0, 1, 0);
        tally.onEvent(0, 4, 1);
        tally.onEvent(0, 4, 4);

        assertThat(tally.skipped.sum()).isEqualTo(2);
        assertThat(tally.repeated.sum()).isEqualTo(1);
    }
}
