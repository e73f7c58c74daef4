package io.switchboard.systemtests;

import static io.switchboard.systemtests.Phase.median;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Mob;
import io.switchboard.systemtests.harness.Mob.Deed;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// A hostile client with many connections costs the others nothing.
///
/// Its work is the machine's in both kinds of phases, which alternate: the others are at one edge
/// node, and the mob is at it, or at the other one.
class HostileSystemTest {
    /// `-Dhostile.connections=1000` for the figure of docs/security.md.
    private static final int CONNECTIONS = Integer.getInteger("hostile.connections", 100);

    private static final boolean FULL = CONNECTIONS >= 1_000;
    private static final int BROWSERS = 50;
    private static final int PAIRS = FULL ? 4 : 1;
    private static final int EVENTS_A_PHASE = FULL ? 2_000 : 500;
    private static final Duration PAUSE = Duration.ofMillis(FULL ? 4 : 2);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /// Other things run where this runs: the figure is printed, the bound is generous.
    private static final double MOST = FULL ? 2 : 6;

    private final Stage system = Stage.shared();
    private final List<Browser> others = new ArrayList<>();
    private final Phase phase = new Phase(system, others, EVENTS_A_PHASE, PAUSE);

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void aHostileCrowd_delaysNobodyElse() {
        var here = system.system().edges().getFirst();
        var elsewhere = system.system().edges().getLast();
        IntStream.range(0, BROWSERS)
                .forEach(i -> others.add(system.browserAt(here, "a" + i, "a" + i)));
        others.forEach(Browser::startConnecting);
        others.forEach(Browser::awaitOnline);
        var since = others.stream().map(Browser::onlineSinceNanos).toList();
        var with = new ArrayList<Double>();
        var without = new ArrayList<Double>();
        try (var producer = new BulkProducer(system);
                var mob = new Mob(CONNECTIONS, elsewhere, Deed.values())) {
            awaitMob(mob);
            p99("warm-up", producer);
            for (int pair = 0; pair < PAIRS; pair++) {
                without.add(p99("without-" + pair, producer));
                mob.aimAt(here);
                awaitMob(mob);
                with.add(p99("with-" + pair, producer));
                mob.aimAt(elsewhere);
                awaitMob(mob);
            }
            System.out.printf(
                    "MEASURED hostile client: p99 of %d others with %d hostile connections here %.1f ms, elsewhere %.1f ms, ratio %.2f (here %s, elsewhere %s; %,d connections ended by us)%n",
                    others.size(),
                    CONNECTIONS,
                    median(with),
                    median(without),
                    median(with) / median(without),
                    with.stream().map("%.1f"::formatted).toList(),
                    without.stream().map("%.1f"::formatted).toList(),
                    mob.turnedAway());
        }
        assertThat(median(with) / median(without)).isLessThan(MOST);
        assertThat(others.stream().map(Browser::onlineSinceNanos).toList()).isEqualTo(since);
        system.assertPromisesKept();
    }

    /// It has found its way, and was thrown out so often that most of them do what they do.
    private static void awaitMob(Mob mob) {
        int before = mob.turnedAway();
        await().atMost(PATIENCE).until(() -> mob.turnedAway() - before >= CONNECTIONS / 2);
    }

    /// `-Dhostile.halfOpen=10000`: half in this process, half in the edge node's.
    @Test
    @EnabledIfSystemProperty(named = "hostile.halfOpen", matches = "\\d+")
    void halfOpenHandshakes_drippedSlowly_endAtTheDeadline_andOthersAreServed() {
        int count = Integer.getInteger("hostile.halfOpen");
        var edge = system.system().edges().getFirst();
        var ada = system.browserAt(edge, "ada", "ada").connect();
        try (var mob = new Mob(count, edge, Deed.DRIP)) {
            await().atMost(PATIENCE).until(() -> mob.most() > count * 9 / 10);
            system.send("ada", "among them");
            ada.awaitReceived("among them");
            await().atMost(PATIENCE).until(() -> mob.turnedAway() >= count);
            System.out.printf(
                    "MEASURED half-open handshakes: %,d ended at their deadline, up to %,d at once; a browser among them was served%n",
                    mob.turnedAway(), mob.most());
        }
        system.assertPromisesKept();
    }

    private double p99(String name, BulkProducer producer) {
        return phase.p99(name, producer, _ -> {});
    }
}
