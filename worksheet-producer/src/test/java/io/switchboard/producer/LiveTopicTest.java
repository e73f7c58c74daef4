package io.switchboard.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class LiveTopicTest {
    private final AtomicReference<EventsTopic> topic =
            new AtomicReference<>(new EventsTopic("e", "Tag123", 8));
    private final AtomicReference<Instant> now = new AtomicReference<>(Fixture.NOW);

    @Test
    void topicThatWasMadeAnew_isNoticed() {
        try (var live = open()) {
            topic.set(new EventsTopic("e", "Tag456", 16));

            await().until(() -> live.current().tag().equals("Tag456"));
        }
    }

    @Test
    void kafkaThatDoesNotAnswer_isUnhealthyAfterAWhile_andTheLastTopicStays() {
        try (var live = open()) {
            topic.set(null);
            now.set(Fixture.NOW.plusSeconds(14));
            assertThat(live.health().holds()).isTrue();

            now.set(Fixture.NOW.plusSeconds(15));

            assertThat(live.health().reason()).isEqualTo("no answer for 15 s");
            assertThat(live.current().tag()).isEqualTo("Tag123");
        }
    }

    private LiveTopic open() {
        return new LiveTopic(
                topic.get(),
                this::resolve,
                new io.switchboard.runtime.LaneLayout("events", () -> {}),
                now::get,
                Duration.ofMillis(20));
    }

    private EventsTopic resolve() {
        var known = topic.get();
        if (known == null) {
            throw new Failure("away");
        }
        return known;
    }
}
