package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Mob;
import io.switchboard.systemtests.harness.Mob.Deed;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
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
    private static final long PAUSE_NANOS = Duration.ofMillis(FULL ? 4 : 2).toNanos();
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /// Other things run where this runs: the figure is printed, the bound is generous.
    private static final double MOST = FULL ? 2 : 6;

    private final Stage system = Stage.shared();
    private final List<Browser> others = new ArrayList<>();
    private final Map<String, Long> sentAt = new HashMap<>();

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

    private double p99(String phase, BulkProducer producer) {
        long next = System.nanoTime();
        for (int i = 0; i < EVENTS_A_PHASE; i++) {
            next += PAUSE_NANOS;
            LockSupport.parkNanos(next - System.nanoTime());
            var text = phase + "-" + i;
            sentAt.put(text, System.nanoTime());
            producer.send(system.app().agent(others.get(i % others.size()).name()), text);
        }
        producer.flush();
        var mark = "end-of-" + phase;
        others.forEach(each -> producer.send(system.app().agent(each.name()), mark));
        producer.flush();
        others.forEach(each -> each.awaitLast(mark, PATIENCE));
        var latencies =
                others.stream()
                        .flatMap(each -> each.received().stream())
                        .filter(event -> event.text().startsWith(phase + "-"))
                        .mapToLong(event -> event.atNanos() - sentAt.get(event.text()))
                        .sorted()
                        .toArray();
        assertThat(latencies).hasSize(EVENTS_A_PHASE);
        return latencies[(int) Math.ceil(0.99 * latencies.length) - 1] / 1e6;
    }

    private static double median(List<Double> values) {
        var sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
