package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/// A phase of a test that compares phases: so many events at a steady pace to browsers in turn, and
/// how long they took.
///
/// Confined to its test.
record Phase(Stage system, List<Browser> browsers, int events, Duration pause) {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /// @param before what else is done before each event, given its number
    /// @return the p99 from sent to received, ms
    double p99(String name, BulkProducer producer, IntConsumer before) {
        Map<String, Long> sentAt = new HashMap<>();
        long next = System.nanoTime();
        for (int i = 0; i < events; i++) {
            next += pause.toNanos();
            LockSupport.parkNanos(next - System.nanoTime());
            before.accept(i);
            var text = name + "-" + i;
            sentAt.put(text, System.nanoTime());
            producer.send(system.app().agent(browsers.get(i % browsers.size()).name()), text);
        }
        producer.flush();
        var mark = "end-of-" + name;
        browsers.forEach(each -> producer.send(system.app().agent(each.name()), mark));
        producer.flush();
        browsers.forEach(each -> each.awaitLast(mark, PATIENCE));
        var latencies =
                browsers.stream()
                        .flatMap(each -> each.received().stream())
                        .filter(event -> event.text().startsWith(name + "-"))
                        .mapToLong(event -> event.atNanos() - sentAt.get(event.text()))
                        .sorted()
                        .toArray();
        assertThat(latencies).hasSize(events);
        return latencies[(int) Math.ceil(0.99 * latencies.length) - 1] / 1e6;
    }

    static double median(List<Double> values) {
        var sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
