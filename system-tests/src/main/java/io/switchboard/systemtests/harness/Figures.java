package io.switchboard.systemtests.harness;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/// What was measured, printed in one form so that it can be found in a build's output.
///
/// Immutable.
public record Figures(String what, long[] sortedMillis) {
    public static Figures of(String what, long... millis) {
        var sorted = millis.clone();
        Arrays.sort(sorted);
        return new Figures(what, sorted);
    }

    public long percentile(double percent) {
        int at = (int) Math.ceil(percent / 100 * sortedMillis.length) - 1;
        return sortedMillis[Math.clamp(at, 0, sortedMillis.length - 1)];
    }

    public Figures print() {
        System.out.println(this);
        return this;
    }

    /// A bound that a machine with ten other things to do holds as well: what it really takes is
    /// printed.
    public void assertAtMost(double percent, Duration bound) {
        if (percentile(percent) > bound.toMillis()) {
            throw new AssertionError(this + " (expected: at most " + bound + ")");
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "MEASURED %s: p50 %d ms, p99 %d ms, max %d ms, n %d",
                what,
                percentile(50),
                percentile(99),
                percentile(100),
                sortedMillis.length);
    }
}
