package io.switchboard.bench;

import java.time.Duration;

/// Work that does not count, over and over until it leaves the compilers quiet: a JVM that was
/// started a minute ago spends more on compiling than on its work.
final class WarmUp {
    /// Then it is measured as it is; its row says whether the compilers were quiet meanwhile.
    private static final Duration MOST = Duration.ofMinutes(3);

    interface Stretch<E extends Exception> {
        /// @return what it took, of the part that will be measured
        Toll.Paid run() throws E;
    }

    private WarmUp() {}

    static <E extends Exception> void of(
            String name, Duration atLeast, Result result, Stretch<E> stretch) throws E {
        of(name, atLeast, MOST, result, stretch);
    }

    /// @param atMost for cases of many parts, that judge by processor time: what compilers took of
    ///     it is said beside
    static <E extends Exception> void of(
            String name, Duration atLeast, Duration atMost, Result result, Stretch<E> stretch)
            throws E {
        long began = System.nanoTime();
        Toll.Paid paid;
        Duration took;
        do {
            paid = stretch.run();
            took = Duration.ofNanos(System.nanoTime() - began);
        } while (took.compareTo(atLeast) < 0 || (!paid.isWarm() && took.compareTo(atMost) < 0));
        result.say(
                "  %s: after %d s of warm-up compilers take %s of a core%s"
                        .formatted(
                                name,
                                took.toSeconds(),
                                Figures.number(paid.compilers() / paid.seconds()),
                                paid.isWarm() ? "" : ", NOT quiet"));
    }
}
