package io.switchboard.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KnownNamesTest {
    private final KnownNames names = new KnownNames(4);

    private Hint decoded(Address to, String tag, int partition) {
        var hint = new Hint(to, new LaneId(tag, partition), 5, 4, 9, new byte[] {'{', '}'});
        return Hint.decode(ByteBuffer.wrap(hint.encode()), names);
    }

    @Test
    void whatCameBefore_isTheSameObject() {
        var ada = new Address.Agent("desk", "ada");
        var first = decoded(ada, "abc", 3);
        var again = decoded(ada, "abc", 3);

        assertThat(again.address()).isEqualTo(ada).isSameAs(first.address());
        assertThat(again.lane()).isEqualTo(new LaneId("abc", 3)).isSameAs(first.lane());
    }

    /// Four places for hundreds of addresses, some of them prefixes of others, and two topics.
    @Test
    void whateverFellOnTheSamePlace_isNeverTakenForAnother() {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            var uuid = Integer.toString(random.nextInt(300));
            var to =
                    switch (random.nextInt(3)) {
                        case 0 -> new Address.Agent("a", uuid);
                        case 1 -> new Address.Role("a", uuid);
                        default -> new Address.App("a" + uuid);
                    };
            var tag = random.nextBoolean() ? "one" : "oneother";
            int partition = random.nextInt(5);

            var hint = decoded(to, tag, partition);

            assertThat(hint.address()).isEqualTo(to);
            assertThat(hint.lane()).isEqualTo(new LaneId(tag, partition));
        }
    }

    @Test
    void whatIsNoName_isRefusedEachTime() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> names.address(utf8("agent:a"), 7))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> names.lane(utf8("a b"), 3, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> names.lane(utf8("abc"), 3, -1))
                    .isInstanceOf(IllegalArgumentException.class);
            var longest = "agent:a/" + "u".repeat(300);
            assertThatThrownBy(() -> names.address(utf8(longest), longest.length()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(names.lane(utf8("abc"), 3, 0)).isEqualTo(new LaneId("abc", 0));
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
