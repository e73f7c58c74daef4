package io.switchboard.dispatcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.switchboard.schemas.Canary;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// A dispatcher that gets nothing from Kafka knows it, with lanes or without.
class LaneWatchTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private CompletableFuture<Map<Integer, Long>> asked = new CompletableFuture<>();
    private final LaneWatch watch =
            new LaneWatch(
                    _ -> asked = new CompletableFuture<>(),
                    _ -> -1,
                    Runnable::run,
                    () -> now,
                    new SimpleMeterRegistry());

    @Test
    void kafkaThatAnswers_isHeard_andThatGoesSilent_isMissed() {
        tick(Duration.ofSeconds(1));
        asked.complete(new HashMap<>(Map.of(0, 5L)));
        tick(Duration.ofSeconds(1));
        asked.complete(new HashMap<>(Map.of(0, 6L)));
        assertThat(watch.silence()).isEqualTo(Duration.ZERO);

        tick(Duration.ofSeconds(1));
        for (int i = 0; i < 8; i++) {
            tick(Duration.ofSeconds(1)); // one question at a time, and no answer
        }

        assertThat(watch.silence()).isGreaterThanOrEqualTo(Canary.LIMIT);
        assertThat(watch.trouble()).isNull();
    }

    @Test
    void aQuestionThatFails_isAskedAgain() {
        tick(Duration.ofSeconds(1));
        asked.completeExceptionally(new IllegalStateException("away"));
        tick(Duration.ofSeconds(9));
        asked.complete(new HashMap<>(Map.of(0, 5L)));

        assertThat(watch.silence()).isEqualTo(Duration.ZERO);
    }

    private void tick(Duration later) {
        now = now.plus(later);
        watch.tick(List.of());
    }
}
