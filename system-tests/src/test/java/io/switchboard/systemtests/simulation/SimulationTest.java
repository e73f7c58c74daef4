package io.switchboard.systemtests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Seeds, judged.
///
/// `-Dsimulation.seeds=100000` for more than the usual number, `-Dsimulation.first=N` to begin
/// elsewhere; [SimulationMain] shows one seed step by step.
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 1_000);
    /// On a machine that has no time, fewer.
    private static final Duration LONGEST = Duration.ofMinutes(Math.max(4, SEEDS / 500));

    private static final long FIRST = Long.getLong("simulation.first", 1);

    @BeforeAll
    static void silence() {
        SimulationMain.silence();
    }

    @Test
    void everySeed_keepsThePromises() {
        var judged = new AtomicInteger();
        var failed = new AtomicInteger();
        var messages = new ConcurrentSkipListMap<Long, String>();
        long began = System.nanoTime();
        LongStream.range(FIRST, FIRST + SEEDS)
                .parallel()
                .filter(_ -> System.nanoTime() - began < LONGEST.toNanos())
                .peek(_ -> judged.incrementAndGet())
                .mapToObj(seed -> Simulation.run(seed, Defect.NONE, false))
                .filter(outcome -> !outcome.ok())
                .forEach(
                        outcome -> {
                            failed.incrementAndGet();
                            if (messages.size() < 40) {
                                messages.put(outcome.seed(), outcome.toString());
                            }
                        });
        System.out.printf(
                "%d seeds in %.1f s, %d failed%n",
                judged.get(), (System.nanoTime() - began) / 1e9, failed.get());
        assertThat(messages.values()).as("failing seeds").isEmpty();
    }

    @Test
    void aSeed_doesTheSameAgain() {
        var once = Simulation.run(FIRST, Defect.NONE, true);
        var again = Simulation.run(FIRST, Defect.NONE, true);

        assertThat(again.trace()).isEqualTo(once.trace()).isNotEmpty();
    }
}
