package io.switchboard.runtime;

import io.switchboard.schemas.Proof;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The key that our own processes prove their records with.
public final class ClusterKeyFlags {
    @Option(
            names = "--cluster-key-file",
            paramLabel = "FILE",
            description =
                    "Keys of 32 bytes or more, one base64 line each; the first signs, all verify. SWITCHBOARD_CLUSTER_KEY may hold the lines themselves.")
    private @Nullable Path file;

    public ClusterKeyFlags() {}

    public Proof load() {
        return ClusterKey.load(file, System.getenv("SWITCHBOARD_CLUSTER_KEY"));
    }
}
