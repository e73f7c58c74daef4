package io.switchboard.operator;

import java.time.Duration;
import java.time.Instant;

/// Whether two machines agree about the time. Clocks decide here when something expires or falls
/// due, and who is told; never what is stored.
final class Clocks {
    private static final Duration TOLERATED = Duration.ofSeconds(2);

    private Clocks() {}

    /// @param before when it was asked, by this machine
    /// @param said what the other clock said between the two
    static Finding compare(String whose, Instant before, Instant said, Instant after) {
        var off =
                said.isBefore(before)
                        ? Duration.between(said, before)
                        : said.isAfter(after) ? Duration.between(after, said) : Duration.ZERO;
        if (off.compareTo(TOLERATED) <= 0) {
            return Finding.ok("clock", "%s agrees with this machine's".formatted(whose));
        }
        return Finding.fail(
                "clock",
                "%s is %s %s this machine's (expected: within %s; let NTP set both)"
                        .formatted(
                                whose,
                                Moments.span(off),
                                said.isBefore(before) ? "behind" : "ahead of",
                                Moments.span(TOLERATED)));
    }
}
