package io.switchboard.systemtests;

import static io.switchboard.systemtests.Phase.median;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// One slow browser costs the others nothing.
///
/// Phases with and without it alternate, so that whatever else the machine does falls on both. The
/// load is the same in each: in a phase "without", the same browser is sent the same and reads it.
class IsolationSystemTest {
    /// `-Disolation.browsers=1000` for the figure of the failure table.
    private static final int BROWSERS = Integer.getInteger("isolation.browsers", 100);

    private static final boolean FULL = BROWSERS >= 1_000;
    private static final int PAIRS = FULL ? 3 : 2;
    private static final int EVENTS_A_PHASE = FULL ? 2_000 : 800;
    private static final Duration PAUSE = Duration.ofMillis(FULL ? 4 : 2);

    /// More than sockets and the edge node's own buffers take.
    private static final int FLOOD = 2_000;

    private static final int ONE_TO_THE_SLOW_IN = 10;
    private static final String FILLER = "x".repeat(8 * 1024);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /// Other things run where this runs: the figure is printed, the bound is generous.
    private static final double MOST = FULL ? 1.5 : 4;

    private final Stage system = Stage.shared();
    private final List<Browser> others = new ArrayList<>();
    private final Phase phase = new Phase(system, others, EVENTS_A_PHASE, PAUSE);
    private int toSlow;

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void slowBrowser_delaysNobodyElse_andGetsEverythingInTheEnd() {
        var slow = system.browser("slow").connect();
        IntStream.range(1, BROWSERS).forEach(i -> others.add(system.browser("a" + i)));
        others.forEach(Browser::startConnecting);
        others.forEach(Browser::awaitOnline);
        var with = new ArrayList<Double>();
        var without = new ArrayList<Double>();
        try (var producer = new BulkProducer(system)) {
            p99("warm-up", producer);
            for (int pair = 0; pair < PAIRS; pair++) {
                flood(producer);
                slow.awaitReceived(toSlow, PATIENCE);
                without.add(p99("without-" + pair, producer));
                slow.setReading(false);
                flood(producer);
                with.add(p99("with-" + pair, producer));
                slow.setReading(true);
                slow.awaitReceived(toSlow, PATIENCE);
            }
        }
        double ratio = median(with) / median(without);
        System.out.printf(
                "MEASURED isolation: p99 of %d others with a slow browser %.1f ms, without %.1f ms, ratio %.2f (phases with %s, without %s)%n",
                others.size(),
                median(with),
                median(without),
                ratio,
                with.stream().map("%.1f"::formatted).toList(),
                without.stream().map("%.1f"::formatted).toList());
        assertThat(ratio).isLessThan(MOST);
        assertThat(system.verdict().figures().suppressed()).isZero();
        system.assertPromisesKept();
    }

    /// Returns when it has passed: others that share its lanes wait behind it, as one lane is one
    /// order, slow or not.
    private void flood(BulkProducer producer) {
        for (int i = 0; i < FLOOD; i++) {
            sendToSlow(producer);
        }
        producer.flush();
        var mark = "after-" + toSlow;
        others.forEach(each -> producer.send(system.app().agent(each.name()), mark));
        producer.flush();
        others.forEach(each -> each.awaitLast(mark, PATIENCE));
    }

    private void sendToSlow(BulkProducer producer) {
        producer.send(system.app().agent("slow"), FILLER + toSlow++);
    }

    private double p99(String name, BulkProducer producer) {
        return phase.p99(
                name,
                producer,
                i -> {
                    if (i % ONE_TO_THE_SLOW_IN == 0) {
                        sendToSlow(producer);
                    }
                });
    }
}
