package io.switchboard.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PositionTest {

    @ParameterizedTest
    @ValueSource(strings = {"aB3_-x.0.0", "aB3_-x.63.9007199254740991", "aB3_-x.7.-1"})
    void text_isReadBackAsItWas(String text) {
        assertThat(Position.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "aB3.1", "aB3.1.x", "aB3.-1.5", "a b.1.5", "aB3.1.1e17", "aB3.1.5.2"})
    void malformedText_isRefusedByName(String text) {
        assertThatThrownBy(() -> Position.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void topicCreatedAgain_hasOtherLanes() {
        var first = new LaneId(LaneId.tagOf(Uuid.randomUuid()), 3);
        var again = new LaneId(LaneId.tagOf(Uuid.randomUuid()), 3);

        assertThat(again.holds(first.position(7))).isFalse();
        assertThat(first.holds(Position.parse(first.position(7).toString()))).isTrue();
    }
}
