package io.switchboard.dispatcher.lane;

import io.switchboard.schemas.Envelope;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// The rhythm of a lane.
///
/// Immutable.
///
/// @param beat how often an idle lane appends nothing, sweeps and commits: so soon is it noticed
///     that Redis lost something
/// @param acksCheck how often the end of the acks partition is compared with what this lane wrote
/// @param redeliveriesPerSecond how fast a redelivery goes, per lane
/// @param longestWait of the retries while Redis or Kafka is away
public record LaneSettings(
        Duration beat, Duration acksCheck, int redeliveriesPerSecond, Duration longestWait) {
    public static final LaneSettings DEFAULT =
            new LaneSettings(
                    Duration.ofSeconds(1), Duration.ofSeconds(10), 500, Duration.ofSeconds(2));

    /// No event is worth delivering after this: the longest ttl, counted from the longest delay.
    static final Duration HORIZON = Envelope.MAX_TTL.plus(Router.MAX_DELAY);

    private static final Duration FIRST_WAIT = Duration.ofMillis(50);

    public LaneSettings {
        positive("beat", beat);
        positive("acksCheck", acksCheck);
        positive("longestWait", longestWait);
        if (redeliveriesPerSecond < 1) {
            throw new IllegalArgumentException(
                    "redeliveriesPerSecond: %d (expected: ≥ 1)".formatted(redeliveriesPerSecond));
        }
    }

    /// Exponential backoff with full jitter (any wait up to the limit is as likely).
    Duration wait(int attempt, RandomGenerator random) {
        long limit =
                Math.min(longestWait.toMillis(), FIRST_WAIT.toMillis() << Math.min(attempt, 16));
        return Duration.ofMillis(random.nextLong(limit + 1));
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("%s: %s (expected: > PT0S)".formatted(name, value));
        }
    }
}
