package io.switchboard.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One way from Kafka to browsers: the system, or a baseline.
///
/// Owned by its case.
///
/// @param fanOut browsers that get each event
record Stack(String name, Load.Sender events, Crowd crowd, int fanOut) {
    /// What is not in after this is counted as missing.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /// Deliveries a second that let compilers be done soon: they go by how often something ran.
    private static final double BUSY = 5_000;

    private static final Duration STRETCH = Duration.ofSeconds(5);

    private static final double MICROS = 1_000.0;

    /// One run.
    ///
    /// @param missing deliveries that were not in when patience ended; times in milliseconds
    record Run(
            String stack,
            double rate,
            Load.Sent sent,
            long missing,
            long repeated,
            long skipped,
            double p50,
            double p90,
            double p99,
            double p999,
            double max,
            Toll.Paid paid) {
        boolean held() {
            return missing == 0 && repeated == 0 && skipped == 0;
        }

        /// How long the generator itself held events back, at worst.
        double lateMillis() {
            return sent.lateNanos() / 1e6;
        }
    }

    /// Every event of it is counted, from when it was due.
    Run measure(Rig rig, double rate, Duration length) {
        var before = crowd.seen();
        var toll = Toll.begin(rig);
        long start = Load.soon();
        crowd.measure(start, start + length.toNanos());
        var sent = Load.run(start, rate, length, events);
        crowd.awaitReceived(before.received() + sent.sent() * fanOut, PATIENCE);
        var paid = toll.end();
        var seen = crowd.seen();
        var micros = seen.micros();
        return new Run(
                name,
                rate,
                sent,
                sent.sent() * fanOut - (seen.received() - before.received()),
                seen.repeated() - before.repeated(),
                seen.skipped() - before.skipped(),
                micros.getValueAtPercentile(50) / MICROS,
                micros.getValueAtPercentile(90) / MICROS,
                micros.getValueAtPercentile(99) / MICROS,
                micros.getValueAtPercentile(99.9) / MICROS,
                micros.getMaxValue() / MICROS,
                paid);
    }

    /// In stretches, each busy at first, then as it will be measured.
    void warmUp(Rig rig, double rate, Duration atLeast, Result result) {
        WarmUp.of(name, atLeast, result, () -> stretch(rig, rate));
    }

    /// As the other, for no longer than that.
    void warmUp(Rig rig, double rate, Duration atLeast, Duration atMost, Result result) {
        WarmUp.of(name, atLeast, atMost, result, () -> stretch(rig, rate));
    }

    private Toll.Paid stretch(Rig rig, double rate) {
        var toll = Toll.begin(rig);
        measure(rig, Math.max(rate, BUSY / fanOut), STRETCH);
        measure(rig, rate, STRETCH);
        return toll.end();
    }

    static double median(List<Double> of) {
        var sorted = new ArrayList<>(of);
        sorted.sort(null);
        return sorted.get(sorted.size() / 2);
    }
}
