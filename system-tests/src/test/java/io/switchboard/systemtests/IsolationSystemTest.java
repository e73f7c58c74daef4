package io.switchboard.systemtests;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Figures;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// One slow browser costs the others nothing.
class IsolationSystemTest {
    /// `-Dsystem.browsers=1000` for the figure of the failure table.
    private static final int BROWSERS = Integer.getInteger("system.browsers", 100);

    private static final int ROUNDS = 5;
    private static final String FILLER = "x".repeat(8 * 1024);

    private final Stage system = Stage.shared();

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void slowBrowser_delaysNobodyElse_andGetsEverythingInTheEnd() {
        var slow = system.browser("slow").connect();
        var browsers = IntStream.range(1, BROWSERS).mapToObj(i -> system.browser("a" + i)).toList();
        browsers.forEach(Browser::startConnecting);
        browsers.forEach(Browser::awaitOnline);
        try (var producer = new BulkProducer(system)) {
            measure("warming up", browsers, producer, 0);
            var without = measure("others, nobody slow", browsers, producer, 1);

            slow.setReading(false);
            for (int i = 0; i < 2_000; i++) {
                producer.send(system.app().agent("slow"), FILLER + i);
            }
            producer.flush();
            // The burst itself shares lanes with others: one lane is one order.
            measure("others, while the burst passes", browsers, producer, 2);
            var with = measure("others, one slow", browsers, producer, 3);
            slow.setReading(true);

            System.out.printf(
                    "MEASURED isolation: p99 with one slow browser / without: %.2f%n",
                    (double) with.percentile(99) / Math.max(1, without.percentile(99)));
            // Other things run on this machine: the ratio is printed, and bounded generously.
            with.assertAtMost(99, Duration.ofMillis(500 + 4 * without.percentile(99)));
        }
        slow.awaitReceived(2_000, Duration.ofSeconds(60));
        system.assertPromisesKept();
    }

    private Figures measure(String what, List<Browser> browsers, BulkProducer producer, int phase) {
        var latencies = new long[browsers.size() * ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            int count = phase * ROUNDS + round + 1;
            long sent = System.nanoTime();
            browsers.forEach(each -> producer.send(system.app().agent(each.name()), "m" + count));
            producer.flush();
            for (int i = 0; i < browsers.size(); i++) {
                var browser = browsers.get(i);
                browser.awaitReceived(count, Duration.ofSeconds(60));
                latencies[round * browsers.size() + i] =
                        (browser.received().get(count - 1).atNanos() - sent) / 1_000_000;
            }
        }
        return Figures.of(what, latencies).print();
    }
}
