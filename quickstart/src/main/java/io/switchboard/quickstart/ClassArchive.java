package io.switchboard.quickstart;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Lets a JVM start in half the time: classes that a former run has loaded and verified (class
/// data sharing). An archive that does not fit the jars any more is ignored by the JVM.
final class ClassArchive {
    /// A missing or outdated archive is no news.
    private static final List<String> QUIET = List.of("-Xlog:cds*=off", "-Xlog:aot*=off");

    private ClassArchive() {}

    /// Flags that read the archive of this name, where there is one.
    static List<String> read(String name) {
        var flags = new ArrayList<>(QUIET);
        flags.add("-XX:SharedArchiveFile=" + file(name));
        return flags;
    }

    /// As [#read], and when it is missing or outdated, this process writes it when it ends. For
    /// one process of a name at a time.
    static List<String> keep(String name) {
        var folder = folder().toFile();
        if (!folder.isDirectory() && !folder.mkdirs()) {
            return read(name);
        }
        var flags = read(name);
        flags.add("-XX:+AutoCreateSharedArchive");
        return flags;
    }

    /// Forgets all of them: processes that failed early have kept next to nothing.
    static void forget() {
        var files = folder().toFile().listFiles((_, name) -> name.endsWith(".jsa"));
        for (var each : files == null ? new File[0] : files) {
            each.delete();
        }
    }

    private static Path file(String name) {
        return folder().resolve(name + ".jsa");
    }

    private static Path folder() {
        return JavaModule.checkout().resolve(".build/classes");
    }
}
