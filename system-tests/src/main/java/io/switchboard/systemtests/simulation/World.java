package io.switchboard.systemtests.simulation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// Virtual time and chance, both from one seed. Everything that happens is a task at a time; of
/// two at the same time the one that was asked for first comes first.
///
/// Confined to one thread.
final class World {
    private static final long START = 1_700_000_000_000L;

    private record Task(long at, long number, Runnable run) implements Comparable<Task> {
        @Override
        public int compareTo(Task other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>();
    private final SplittableRandom random;
    private final List<String> trace = new ArrayList<>();
    private final boolean tracing;
    private long now = START;
    private long numbers;

    World(long seed, boolean tracing) {
        this.random = new SplittableRandom(seed);
        this.tracing = tracing;
    }

    SplittableRandom random() {
        return random;
    }

    long now() {
        return now;
    }

    InstantSource clock() {
        return () -> Instant.ofEpochMilli(now);
    }

    void in(long delayMillis, Runnable task) {
        tasks.add(new Task(now + Math.max(0, delayMillis), numbers++, task));
    }

    /// Runs whatever is due in the next so many milliseconds.
    void run(long millis) {
        long until = now + millis;
        while (!tasks.isEmpty() && tasks.peek().at <= until) {
            var next = tasks.remove();
            now = next.at;
            next.run.run();
        }
        now = until;
    }

    /// Between the two, both included.
    long between(long least, long most) {
        return random.nextLong(least, most + 1);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    <T> T oneOf(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    void trace(Supplier<String> line) {
        if (tracing) {
            trace.add("%8.3f %s".formatted((now - START) / 1000.0, line.get()));
        }
    }

    List<String> trace() {
        return trace;
    }
}
