package io.switchboard.bench.far;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/// What the browsers of one group have seen: latencies of the events that were meant to be sent
/// within the window, and whether each address got its numbers 1, 2, 3 … once and in order.
///
/// Thread-safe.
final class Tally {
    private static final int DIGITS = 3;

    private final Recorder latencies = new Recorder(DIGITS);
    private final Recorder absences = new Recorder(DIGITS);
    final LongAdder received = new LongAdder();
    final LongAdder counted = new LongAdder();
    final LongAdder repeated = new LongAdder();
    final LongAdder skipped = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder closed = new LongAdder();
    private volatile long from = Long.MAX_VALUE;
    private volatile long to = Long.MAX_VALUE;

    /// From now on, and nothing of before.
    void measure(long fromNanos, long toNanos) {
        latencies.reset();
        counted.reset();
        from = fromNanos;
        to = toNanos;
    }

    /// @param last number that this browser had from this address
    void onEvent(long sentNanos, long number, long last) {
        received.increment();
        if (number <= last) {
            repeated.increment();
        } else if (number > last + 1) {
            skipped.add(number - last - 1);
        }
        if (sentNanos >= from && sentNanos < to) {
            counted.increment();
            latencies.recordValue(Math.max(0, System.nanoTime() - sentNanos) / 1_000);
        }
    }

    /// Somebody is online again.
    ///
    /// @param awayNanos since it was cut off, or since it was told to come back
    void onBack(long awayNanos) {
        absences.recordValue(Math.max(0, awayNanos) / 1_000);
    }

    Histogram latencies() {
        return latencies.getIntervalHistogram();
    }

    /// In microseconds, of those who came back since the last call.
    Histogram absences() {
        return absences.getIntervalHistogram();
    }

    /// What there is to tell; the histograms begin anew.
    ObjectNode into(ObjectNode answer) {
        return answer.put("counted", counted.sum())
                .put("repeated", repeated.sum())
                .put("skipped", skipped.sum())
                .put("lost", lost.sum())
                .put("closed", closed.sum())
                .put("micros", packed(latencies()))
                .put("absences", packed(absences()));
    }

    private static String packed(Histogram histogram) {
        var bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
    }
}
