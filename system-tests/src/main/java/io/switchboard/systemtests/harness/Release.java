package io.switchboard.systemtests.harness;

import io.switchboard.quickstart.JavaModule;
import java.nio.file.Path;

/// What a process of ours is started from: the checkout that these tests are part of, or one of an
/// older commit ([OlderRelease]).
///
/// @param name empty: the one under test
/// @param checkout its modules are packaged
public record Release(String name, Path checkout) {
    public static Release current() {
        return new Release("", JavaModule.checkout());
    }

    boolean isCurrent() {
        return name.isEmpty();
    }

    /// For the names of its files.
    String suffix() {
        return isCurrent() ? "" : "-" + name;
    }

    @Override
    public String toString() {
        return isCurrent() ? "this release" : "release " + name;
    }
}
