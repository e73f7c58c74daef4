package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final List<String> SENT = List.of("a", "b", "c");

    @Test
    void allHandledOnceInOrder_isClean() {
        assertThat(Tally.of(SENT, SENT).isClean()).isTrue();
    }

    @Test
    void whatNeverCame_isLost() {
        assertThat(Tally.of(SENT, List.of("a", "c"))).isEqualTo(new Tally(1, 0, 0));
    }

    @Test
    void whatCameTwice_isDuplicated_andOutOfOrderWhereItCameAgain() {
        assertThat(Tally.of(SENT, List.of("a", "b", "b", "c"))).isEqualTo(new Tally(0, 1, 0));
        assertThat(Tally.of(SENT, List.of("a", "b", "c", "b"))).isEqualTo(new Tally(0, 1, 1));
    }

    @Test
    void whatCameAfterItsSuccessor_isReordered() {
        assertThat(Tally.of(SENT, List.of("b", "a", "c"))).isEqualTo(new Tally(0, 0, 1));
    }

    @Test
    void percentilesAreOfTheNearestRank() {
        var times = Tally.Times.of(LongStream.rangeClosed(1, 200).boxed().toList().reversed());

        assertThat(times.p50()).isEqualTo(Duration.ofNanos(100));
        assertThat(times.p99()).isEqualTo(Duration.ofNanos(198));
    }
}
