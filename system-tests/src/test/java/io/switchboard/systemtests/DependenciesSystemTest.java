package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// docs/dependencies.md names what each process carries, and nothing else.
class DependenciesSystemTest {
    private static final Path HOME = Path.of("..");
    private static final Pattern ROW =
            Pattern.compile("\\| [^:|]+:([^|]+) \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|");
    private static final Map<String, String> MODULES =
            Map.of(
                    "dispatcher", "dispatcher",
                    "edge", "edge-node",
                    "front door", "worksheet-producer",
                    "tools", "operator",
                    "`up`", "quickstart");

    @Test
    void thePage_namesWhatIsCarried() throws IOException {
        var page = Files.readString(HOME.resolve("docs/dependencies.md"));
        for (var each : MODULES.entrySet()) {
            var named = new TreeSet<String>();
            ROW.matcher(page)
                    .results()
                    .filter(
                            row ->
                                    ("," + row.group(4))
                                            .replace(", ", ",")
                                            .contains("," + each.getKey()))
                    .forEach(row -> named.add(row.group(1) + "-" + row.group(2)));
            var missing = new ArrayList<String>();
            var unused = new TreeSet<>(named);
            for (var jar : carried(each.getValue())) {
                var name =
                        named.stream()
                                .filter(it -> jar.matches(Pattern.quote(it) + "(-.*)?\\.jar"))
                                .findFirst();
                name.ifPresentOrElse(unused::remove, () -> missing.add(jar));
            }
            assertThat(missing).as("jars of %s that the page does not name", each).isEmpty();
            assertThat(unused).as("what the page names and %s does not carry", each).isEmpty();
        }
    }

    /// But for our own.
    private static TreeSet<String> carried(String module) throws IOException {
        try (var jars = Files.list(HOME.resolve(module).resolve("target/lib"))) {
            var names = new TreeSet<String>();
            jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> !name.endsWith("-SNAPSHOT.jar"))
                    .forEach(names::add);
            assertThat(names).isNotEmpty();
            return names;
        }
    }
}
