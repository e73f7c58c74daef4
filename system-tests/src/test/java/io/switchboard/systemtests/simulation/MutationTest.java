package io.switchboard.systemtests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The simulation would notice: each planted defect is caught by some seed. Which one is printed,
/// as it changes with the code.
class MutationTest {
    private static final long MOST_SEEDS = 12_000;

    @BeforeAll
    static void silence() {
        SimulationMain.silence();
    }

    @ParameterizedTest
    @EnumSource
    void plantedDefect_isCaught(Mutation mutation) {
        var caught =
                LongStream.rangeClosed(1, MOST_SEEDS)
                        .parallel()
                        .mapToObj(seed -> Simulation.run(seed, mutation, false))
                        .filter(outcome -> !outcome.ok())
                        .findAny();

        assertThat(caught).as("a seed that catches " + mutation).isPresent();
        System.out.printf(
                "%-32s caught by seed %d: %s%n", mutation, caught.get().seed(), why(caught.get()));
    }

    /// Position checks find what an attach missed; without them much else fails too. So a seed is
    /// looked for that only the attach makes fail.
    @Test
    void attachThatIsNotAtomic_isCaught_whereMissingChecksAloneDoNoHarm() {
        assertThat(
                        LongStream.rangeClosed(1, MOST_SEEDS)
                                .parallel()
                                .filter(
                                        seed ->
                                                Simulation.run(
                                                                seed,
                                                                Mutation.POSITION_CHECKS_ARE_OFF,
                                                                false)
                                                        .ok())
                                .filter(
                                        seed ->
                                                !Simulation.run(
                                                                seed,
                                                                Mutation.ATTACH_IS_NOT_ATOMIC,
                                                                false)
                                                        .ok())
                                .findAny())
                .isPresent();
    }

    private static String why(Simulation.Outcome outcome) {
        return outcome.verdict().findings().isEmpty()
                ? outcome.complaints().getFirst()
                : outcome.verdict().findings().getFirst().toString();
    }
}
