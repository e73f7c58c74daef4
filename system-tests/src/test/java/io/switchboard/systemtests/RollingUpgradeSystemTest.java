package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.switchboard.systemtests.chaos.ChaosRun;
import io.switchboard.systemtests.chaos.ChaosSystem;
import io.switchboard.systemtests.chaos.Rollout;
import io.switchboard.systemtests.harness.OlderRelease;
import io.switchboard.systemtests.harness.Release;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Two releases side by side, on one Kafka and one Redis.
///
/// `-Dupgrade.from=COMMIT` names the older one, `-Dupgrade.from=last` the newest tag; without it
/// nothing is done here, since the older one must be built first. `./switchboard test --all` asks
/// for it. What can be seen without it is in `StoredLayoutTest` and `GoldenBytesTest`.
class RollingUpgradeSystemTest {
    private static final int BROWSERS = 40;

    @Test
    void releaseRolledOut_rolledBack_andRolledOutAgain_losesAndDoublesNothing()
            throws InterruptedException {
        var older = older();
        var newer = Release.current();
        var logs = Path.of("target", "system-logs", "rolling-upgrade");
        try (var system = ChaosSystem.start(logs, List.of(older, newer))) {
            var plan = new ChaosRun.Plan(1, BROWSERS, new Rollout(older, newer));
            var outcome = ChaosRun.play(plan, system);

            System.out.printf(
                    "rolling upgrade from %s: %d s, %s%n",
                    older, outcome.seconds(), outcome.verdict());
            assertThat(outcome.complaints()).isEmpty();
            assertThat(outcome.verdict().findings()).isEmpty();
            assertThat(outcome.verdict().figures().handled()).isPositive();
        }
    }

    private static Release older() {
        var from = System.getProperty("upgrade.from", "");
        if (from.isEmpty()) {
            return abort("no older release was asked for (-Dupgrade.from=COMMIT)");
        }
        try {
            return OlderRelease.of(from);
        } catch (OlderRelease.NotHere e) {
            if (!from.equals(OlderRelease.LAST)) {
                throw new AssertionError("-Dupgrade.from: " + e.getMessage(), e);
            }
            System.out.println("rolling upgrade: NOT RUN, " + e.getMessage());
            return abort(e.getMessage());
        }
    }
}
