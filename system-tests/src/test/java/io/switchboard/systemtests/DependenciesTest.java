package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `docs/dependencies.md` lists what the processes really carry.
class DependenciesTest {
    private static final Path TOP = Path.of("..");
    private static final Pattern ROW =
            Pattern.compile("^\\| [^|: ]+:([^| ]+) \\| ([^| ]+) \\| [^|]+ \\|", Pattern.MULTILINE);
    private static final Set<String> MODULES =
            Set.of("dispatcher", "edge-node", "worksheet-producer", "operator", "quickstart");

    @Test
    void thePage_listsEveryJar_andNoOther() throws IOException {
        var jars = new TreeSet<String>();
        for (var module : MODULES) {
            var lib = TOP.resolve(module).resolve("target/lib");
            assumeTrue(Files.isDirectory(lib), "built by `package`: " + lib);
            try (var files = Files.list(lib)) {
                files.map(each -> each.getFileName().toString()).forEach(jars::add);
            }
        }
        jars.removeIf(
                each -> Files.isDirectory(TOP.resolve(each.replaceAll("(-\\d.*)?\\.jar", ""))));
        var listed =
                ROW.matcher(Files.readString(TOP.resolve("docs/dependencies.md")))
                        .results()
                        .map(row -> row.group(1) + "-" + row.group(2))
                        .collect(Collectors.toCollection(TreeSet::new));
        // A native part's jar has its platform behind the version.
        assertThat(jars)
                .allMatch(
                        jar -> listed.stream().anyMatch(jar::startsWith),
                        "is listed in docs/dependencies.md");
        assertThat(listed)
                .allMatch(
                        row -> jars.stream().anyMatch(jar -> jar.startsWith(row)),
                        "is in a target/lib folder");
    }
}
