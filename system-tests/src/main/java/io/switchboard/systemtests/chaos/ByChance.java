package io.switchboard.systemtests.chaos;

import io.switchboard.systemtests.History;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Each strike once, in an order of the seed's own; then as many more as there is time for.
///
/// @param seconds no strike begins later
public record ByChance(int seconds, List<Strike> strikes) implements Course {
    private static final Duration BETWEEN_STRIKES = Duration.ofMillis(700);

    public ByChance {
        strikes = List.copyOf(strikes);
    }

    @Override
    public void run(Strike.Field field, History history) {
        long began = System.nanoTime();
        var left = new ArrayList<Strike>();
        while (Duration.ofNanos(System.nanoTime() - began).toSeconds() < seconds) {
            if (left.isEmpty()) {
                left.addAll(strikes);
                field.copy().take();
            }
            var strike = left.remove(field.random().nextInt(left.size()));
            field.strike(strike, history);
            field.pause(BETWEEN_STRIKES);
        }
    }
}
