package io.switchboard.edge.socket;

import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// How often one browser may speak, and how often it may talk nonsense.
///
/// Confined to the connection's event loop.
final class Allowance {
    private static final int MOST_MISUNDERSTOOD = 20;

    private final SocketSettings settings;
    private final InstantSource clock;
    private final TokenBucket frames;
    private @Nullable TokenBucket publishes;
    private long unacknowledged;
    private int misunderstood;

    Allowance(SocketSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.frames = new TokenBucket(settings.framesPerSecond(), clock.millis());
    }

    boolean maySpeak() {
        return frames.take(clock.millis());
    }

    void onEventWritten() {
        unacknowledged++;
    }

    /// One acknowledgement for each event is what a simple page says, however many it was sent:
    /// only superfluous ones count as frames.
    boolean mayAcknowledge() {
        if (unacknowledged == 0) {
            return maySpeak();
        }
        unacknowledged--;
        return true;
    }

    boolean mayPublish() {
        long now = clock.millis();
        if (publishes == null) {
            publishes = new TokenBucket(settings.publishesPerSecond(), now);
        }
        return publishes.take(now);
    }

    /// @return whether that was once too often
    boolean onMisunderstood() {
        return ++misunderstood >= MOST_MISUNDERSTOOD;
    }
}
