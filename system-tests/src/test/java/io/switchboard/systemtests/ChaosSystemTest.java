package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.systemtests.chaos.ByChance;
import io.switchboard.systemtests.chaos.ChaosRun;
import io.switchboard.systemtests.chaos.ChaosSystem;
import io.switchboard.systemtests.chaos.Strike;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A short run of what `./switchboard chaos` does at length.
class ChaosSystemTest {
    private static final long SEED = Long.getLong("chaos.seed", 7);
    private static final int SECONDS = Integer.getInteger("chaos.seconds", 20);

    @Test
    void strikesOnRealProcesses_breakNoPromise() throws InterruptedException {
        var plan = new ChaosRun.Plan(SEED, 30, new ByChance(SECONDS, List.of(Strike.values())));
        try (var system = ChaosSystem.start(Path.of("target", "system-logs", "chaos"))) {
            var outcome = ChaosRun.play(plan, system);

            System.out.println(outcome.verdict());
            assertThat(outcome.complaints()).isEmpty();
            assertThat(outcome.verdict().findings()).isEmpty();
            assertThat(outcome.verdict().figures().handled()).isPositive();
        }
    }
}
