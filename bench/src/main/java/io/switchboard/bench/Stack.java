package io.switchboard.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One way from Kafka to browsers: the system, or a baseline.
///
/// Owned by its case.
///
/// @param fanOut browsers that get each event
record Stack(String name, Load.Sender events, Crowd crowd, int fanOut) {
    /// What is not in after this is counted as missing.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final double MICROS = 1_000.0;

    /// One run.
    ///
    /// @param missing deliveries that were not in when patience ended; times in milliseconds
    /// @param cpu share of one core that each process took, 1.0 being all of it
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
            Map<String, Double> cpu) {
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
        var cpuBefore = Usage.cpuSeconds(rig.processes());
        long start = Load.soon();
        crowd.measure(start, start + length.toNanos());
        var sent = Load.run(start, rate, length, events);
        crowd.awaitReceived(before.received() + sent.sent() * fanOut, PATIENCE);
        var cpu = cpuShare(rig, cpuBefore, System.nanoTime() - start);
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
                cpu);
    }

    private static Map<String, Double> cpuShare(Rig rig, Map<String, Double> before, long nanos) {
        var shares = new LinkedHashMap<String, Double>();
        Usage.cpuSeconds(rig.processes())
                .forEach(
                        (part, seconds) ->
                                shares.put(
                                        part,
                                        (seconds - before.getOrDefault(part, 0.0)) * 1e9 / nanos));
        return shares;
    }

    /// Does not count.
    void warmUp(Rig rig, double rate, Duration length) {
        measure(rig, rate, length);
    }

    static double median(List<Double> of) {
        var sorted = new ArrayList<>(of);
        sorted.sort(null);
        return sorted.get(sorted.size() / 2);
    }
}
