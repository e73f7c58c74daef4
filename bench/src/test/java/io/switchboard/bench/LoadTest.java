package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class LoadTest {
    /// A closed loop would send the second later, and forgive the stall.
    @Test
    void aStall_doesNotMoveTheSchedule() {
        var due = new ArrayList<Long>();
        long start = System.nanoTime();

        var sent =
                Load.run(
                        start,
                        100,
                        Duration.ofMillis(100),
                        (number, dueNanos) -> {
                            due.add(dueNanos - start);
                            if (number == 0) {
                                Cutting.sleep(Duration.ofMillis(50));
                            }
                        });

        assertThat(due).hasSize(10).startsWith(0L, 10_000_000L, 20_000_000L);
        assertThat(sent.lateNanos()).isGreaterThan(30_000_000L);
    }
}
