package io.switchboard.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommitMarkerTest {
    private static final LaneId LANE = new LaneId("abcDEF", 3);

    @Test
    void whatWasEncoded_isDecoded() {
        var full =
                new CommitMarker(
                        "abcDEF",
                        7,
                        4,
                        "g1",
                        new CommitMarker.Redelivery("r1", 0, 5, 2),
                        9L,
                        1_700_000_000_000L);
        var bare = new CommitMarker("abcDEF", 7, 7, "", null, null, 0);

        assertThat(CommitMarker.decode(full.encode())).isEqualTo(full);
        assertThat(CommitMarker.decode(bare.encode())).isEqualTo(bare);
    }

    @Test
    void marker_fitsIntoTheBrokersDefaultForMetadata() {
        var full =
                new CommitMarker(
                        "abcDEFabcDEFabcDEFabcD",
                        Long.MAX_VALUE,
                        Long.MAX_VALUE,
                        "0123456789abcdef",
                        new CommitMarker.Redelivery(
                                "r".repeat(128), Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE),
                        Long.MAX_VALUE,
                        Long.MAX_VALUE);

        assertThat(full.encode().length()).isLessThan(4096);
    }

    @Test
    void metadataOfOthers_isNoMarker() {
        assertThat(CommitMarker.decode("")).isNull();
        assertThat(CommitMarker.decode("{}")).isNull();
        assertThat(CommitMarker.decode("{\"switchboard\":1,\"offset\":\"7\"}")).isNull();
        assertThat(CommitMarker.decode("committed by hand")).isNull();
    }

    @Test
    void marker_isTheLanesOwn_onlyAtItsOffset_andInItsTopicsLife() {
        var marker = new CommitMarker("abcDEF", 7, 4, "g1", null, null, 0);

        assertThat(marker.isOf(LANE, 7)).isTrue();
        assertThat(marker.isOf(LANE, 6)).isFalse();
        assertThat(marker.isOf(new LaneId("other1", 3), 7)).isFalse();
    }
}
