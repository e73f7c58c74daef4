package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.runtime.ClusterKey;
import io.switchboard.runtime.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir Path folder;

    @Test
    void aSecondOneIsRefused_untilTheFirstIsClosed() {
        var first = DataFolder.open(folder);

        assertThatThrownBy(() -> DataFolder.open(folder))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("another up (process " + ProcessHandle.current().pid());

        first.close();
        DataFolder.open(folder).close();
    }

    @Test
    void theClusterKeyIsMadeOnce_forItsOwnerOnly() throws Exception {
        try (var data = DataFolder.open(folder)) {
            var key = Files.readString(data.clusterKey());

            assertThat(Files.readString(data.clusterKey())).isEqualTo(key);
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(data.clusterKey())))
                    .isEqualTo("rw-------");
            assertThat(ClusterKey.load(data.clusterKey(), null)).isNotNull();
        }
    }

    @Test
    void theAppsFileIsACopyThatStaysAsItWasEdited() throws Exception {
        try (var data = DataFolder.open(folder)) {
            Files.writeString(data.apps(), "# edited\n");

            assertThat(Files.readString(data.apps())).isEqualTo("# edited\n");
        }
    }
}
