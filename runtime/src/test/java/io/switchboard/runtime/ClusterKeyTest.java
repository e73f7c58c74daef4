package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterKeyTest {
    private static final String OLD = key(1);
    private static final String NEW = key(2);
    private static final byte[] NONE = {};

    @TempDir Path folder;

    @Test
    void firstKeySigns_andEveryKeyVerifies_soThatKeysCanBeRotated() throws Exception {
        var file = folder.resolve("key");
        Files.writeString(file, NEW + "\n" + OLD + "\n");
        var both = ClusterKey.load(file, null);
        var old = ClusterKey.load(null, OLD);

        assertThat(both.verify(old.sign(NONE, NONE, NONE), NONE, NONE, NONE)).isTrue();
        assertThat(old.verify(both.sign(NONE, NONE, NONE), NONE, NONE, NONE)).isFalse();
    }

    @Test
    void unusableKey_isNamed_andNotShown() {
        assertThatThrownBy(() -> ClusterKey.load(null, null))
                .isInstanceOf(Unusable.class)
                .hasMessageStartingWith("cluster key: none given");
        assertThatThrownBy(() -> ClusterKey.load(null, OLD + "\n!secret!"))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("SWITCHBOARD_CLUSTER_KEY: key 2 is not base64")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> ClusterKey.load(null, "c2hvcnQ="))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("5 bytes (expected: at least 32)");
        assertThatThrownBy(() -> ClusterKey.load(folder.resolve("none"), null))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("cannot be read");
    }

    private static String key(int fill) {
        var bytes = new byte[32];
        java.util.Arrays.fill(bytes, (byte) fill);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
