package io.switchboard.bench.far;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StampTest {
    private static final String FRAME =
            "{\"event\":\"Bench\",\"response\":{\"infos\":\"你有一条\",%s}}".formatted(Stamp.blank());

    @Test
    void whatWasWritten_isFound_whateverStandsBeforeIt() {
        var bytes = FRAME.getBytes(StandardCharsets.UTF_8);
        Stamp.write(bytes, Stamp.offsetIn(FRAME), 1_234_567_890_123_456_789L, 42);
        var frame = Unpooled.wrappedBuffer(bytes);

        int at = Stamp.find(frame, 0, bytes.length);

        assertThat(Stamp.nanos(frame, at)).isEqualTo(1_234_567_890_123_456_789L);
        assertThat(Stamp.number(frame, at)).isEqualTo(42);
    }

    @Test
    void aFrameWithoutOne_hasNone() {
        var frame = Unpooled.copiedBuffer("{\"event\":\"HEART_BEAT\"}", StandardCharsets.UTF_8);

        assertThat(Stamp.find(frame, 0, frame.readableBytes())).isNegative();
    }
}
