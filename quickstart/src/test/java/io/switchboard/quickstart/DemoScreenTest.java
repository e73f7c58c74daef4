package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DemoScreenTest {
    private static final Tally.Times TIMES = Tally.Times.of(List.of(1_234_567L, 8_765_432L));
    private static final Demo.Hops HOPS = new Demo.Hops(TIMES, TIMES, TIMES, TIMES);

    @Test
    void theLastLineIsOneJsonObject() {
        assertThat(
                        DemoScreen.line(
                                new Demo.Outcome(
                                        HOPS, 500, new Tally(0, 1, 2), OptionalLong.of(612))))
                .startsWith(
                        "{\"p50_ms\":1.2,\"p99_ms\":8.8,\"events\":500,\"lost\":0,\"duplicated\":1,\"reordered\":2,\"resumed_ms\":612,\"hops\":{");
    }

    @Test
    void anAgentThatNeverResumed_isNull() {
        assertThat(
                        DemoScreen.line(
                                new Demo.Outcome(
                                        HOPS, 500, new Tally(9, 0, 0), OptionalLong.empty())))
                .contains("\"resumed_ms\":null");
    }
}
