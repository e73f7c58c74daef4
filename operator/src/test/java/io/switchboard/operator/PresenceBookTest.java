package io.switchboard.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.operator.Findings.Presence;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PresenceBookTest {
    private static final Address ADA = new Address.Agent("desk", "ada");
    private static final EdgeRef ONE = new EdgeRef("edge-1", 1);
    private static final EdgeRef TWO = new EdgeRef("edge-2", 2);

    private final PresenceBook book = new PresenceBook();

    @Test
    void twoEdges_speakEachForItself() {
        say(ADA + "/edge-1", ONE, true, 100);
        say(ADA + "/edge-2", TWO, true, 200);
        say(ADA + "/edge-2", TWO, false, 300);

        assertThat(book.of(ADA, List.of(ONE))).isEqualTo(new Presence(true, at(100)));
    }

    @Test
    void atTwoEdges_theEarlierCounts() {
        say(ADA + "/edge-1", ONE, true, 200);
        say(ADA + "/edge-2", TWO, true, 100);

        assertThat(book.of(ADA, List.of(ONE, TWO))).isEqualTo(new Presence(true, at(100)));
    }

    @Test
    void whoIsAway_leftWhenTheLastEdgeSaidSo() {
        say(ADA + "/edge-1", ONE, false, 100);
        say(ADA + "/edge-2", TWO, false, 300);

        assertThat(book.of(ADA, List.of())).isEqualTo(new Presence(false, at(300)));
    }

    @Test
    void whoCameButIsSaidToBeAway_isKnownFromWhenItCame() {
        say(ADA + "/edge-1", ONE, true, 100);

        assertThat(book.of(ADA, List.of())).isEqualTo(new Presence(true, at(100)));
    }

    @Test
    void recordsOfAnEarlierRelease_areKeyedByTheAgentAlone() {
        book.add(ADA.key(), "{\"online\":true,\"edge\":\"edge-1.1\",\"at\":100}".getBytes(UTF_8));
        book.add("edge:edge-1".getBytes(UTF_8), "{\"edge\":\"edge-1.2\",\"at\":1}".getBytes(UTF_8));

        assertThat(book.of(ADA, List.of(ONE))).isEqualTo(new Presence(true, at(100)));
        assertThat(book.of(ADA, List.of(TWO))).isNull();
    }

    private void say(String key, EdgeRef edge, boolean online, long at) {
        book.add(
                key.getBytes(UTF_8),
                "{\"agent\":\"%s\",\"edge\":\"%s\",\"online\":%s,\"at\":%d}"
                        .formatted(ADA, edge, online, at)
                        .getBytes(UTF_8));
    }

    private static Instant at(long millis) {
        return Instant.ofEpochMilli(millis);
    }
}
