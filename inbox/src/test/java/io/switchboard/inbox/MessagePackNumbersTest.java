package io.switchboard.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MessagePackNumbersTest {
    private static final String UNPACK =
            """
            local packed = string.gsub(ARGV[1], '..', function(c) return string.char(tonumber(c, 16)) end)
            local numbers = { cmsgpack.unpack(packed) }
            for i = 1, #numbers do numbers[i] = string.format('%.0f', numbers[i]) end
            return { ok = table.concat(numbers, ' ') }
            """;

    @Test
    void everyNumber_isReadByRedisAsItWas() {
        long[] numbers = {0, -1, -32, -33, 127, 128, -129, 1L << 31, (1L << 53) - 1};
        var packed = new MessagePackNumbers(20);
        Arrays.stream(numbers).forEach(packed::add);

        try (var redis = RedisProcess.launch()) {
            var read = redis.command("EVAL", UNPACK, "0", HexFormat.of().formatHex(packed.bytes()));

            assertThat(read.strip())
                    .isEqualTo(
                            "+"
                                    + Arrays.stream(numbers)
                                            .mapToObj(Long::toString)
                                            .collect(Collectors.joining(" ")));
        }
    }

    @Test
    void smallNumber_takesAByte() {
        assertThat(new MessagePackNumbers(20).add(-32).add(127).bytes()).hasSize(2);
        assertThat(new MessagePackNumbers(20).add(-33).bytes()).hasSize(9);
    }
}
