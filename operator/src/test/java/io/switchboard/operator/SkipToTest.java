package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.runtime.Failure;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.Position;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

final class SkipToTest {
    private static final CommitMarker OWN =
            new CommitMarker("aB3_-x", 10, 4, "generation", null, null, 7);
    private static final OffsetAndMetadata COMMIT = new OffsetAndMetadata(10, OWN.encode());

    private static Position to(long offset) {
        return new Position("aB3_-x", 3, offset);
    }

    @Test
    void laneFindsItsOwnCommitAgain_withTheWordToSkip() {
        var marker = SkipTo.marker(COMMIT, to(15), 20);

        assertThat(marker.isOf(to(15).lane(), 10)).isTrue();
        assertThat(marker.skip()).isEqualTo(15);
        assertThat(marker.floor()).isEqualTo(4);
    }

    @Test
    void laneWithoutACommitOfItsOwn_isNotTouched() {
        assertThatThrownBy(() -> SkipTo.marker(null, to(15), 20)).isInstanceOf(Failure.class);
        assertThatThrownBy(() -> SkipTo.marker(new OffsetAndMetadata(10), to(15), 20))
                .isInstanceOf(Failure.class);
        assertThatThrownBy(() -> SkipTo.marker(new OffsetAndMetadata(11, OWN.encode()), to(15), 20))
                .as("copied to another offset")
                .isInstanceOf(Failure.class);
    }

    @Test
    void onlyWhatIsNotCommittedAndIsThere_canBeSkipped() {
        for (long offset : new long[] {9, 10, 21}) {
            assertThatThrownBy(() -> SkipTo.marker(COMMIT, to(offset), 20))
                    .hasMessageContaining("expected: behind the lane's commit at 10");
        }
    }
}
