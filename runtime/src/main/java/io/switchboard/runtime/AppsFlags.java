package io.switchboard.runtime;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Which apps file.
public final class AppsFlags {
    @Option(
            names = "--apps",
            paramLabel = "FILE",
            defaultValue = "apps.yaml",
            description = "Apps, tokens and routes (${DEFAULT-VALUE}); see apps.example.yaml.")
    private Path apps = Path.of("apps.yaml");

    public AppsFlags() {}

    public AppsFile open() {
        return AppsFile.open(apps);
    }
}
