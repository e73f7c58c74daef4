package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.runtime.Unusable;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class MomentsTest {
    private static final Instant NOW = Instant.parse("2026-11-24T18:00:00Z");

    @Test
    void aTimeIsRfc3339_orASpanBeforeNow() {
        assertThat(Moments.parse("--since", "2h", NOW)).isEqualTo("2026-11-24T16:00:00Z");
        assertThat(Moments.parse("--since", "2026-11-24T20:00:00+08:00", NOW))
                .isEqualTo("2026-11-24T12:00:00Z");
        assertThatThrownBy(() -> Moments.parse("--since", "yesterday", NOW))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("--since: 'yesterday' (expected:");
    }

    @Test
    void spansSayTheirTwoLargestUnits() {
        assertThat(Moments.span(Duration.ofMillis(15))).isEqualTo("15ms");
        assertThat(Moments.span(Duration.ofMillis(1_290))).isEqualTo("1.2s");
        assertThat(Moments.span(Duration.ofSeconds(59))).isEqualTo("59s");
        assertThat(Moments.span(Duration.ofSeconds(250))).isEqualTo("4m 10s");
        assertThat(Moments.span(Duration.ofHours(2))).isEqualTo("2h");
        assertThat(Moments.span(Duration.ofHours(51))).isEqualTo("2d 3h");
        assertThat(Moments.span(Duration.ofSeconds(-5))).isEqualTo("0ms");
    }
}
