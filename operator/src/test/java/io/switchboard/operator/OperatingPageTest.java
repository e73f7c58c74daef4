package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.runtime.LogFlags;
import io.switchboard.runtime.TraceFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// docs/operating.md names every tool, and no flag, fate or column that is not there.
final class OperatingPageTest {
    private static final Set<String> ELSEWHERE = Set.of("agent", "token", "topics");

    /// Of Kafka's and Redis's own tools.
    private static final Set<String> OTHERS_OWN =
            Set.of(
                    "--reset-offsets",
                    "--describe",
                    "--list",
                    "--unavailable-partitions",
                    "--under-min-isr-partitions",
                    "--latency");

    private final String page = read();
    private final CommandLine root = OperatorMain.line(Map.of());

    private static String read() {
        try {
            return Files.readString(Path.of("../docs/operating.md"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyToolIsOnThePage() {
        assertThat(root.getSubcommands().keySet())
                .filteredOn(name -> !ELSEWHERE.contains(name))
                .hasSizeGreaterThan(10)
                .allSatisfy(name -> assertThat(page).containsPattern("[`# ]" + name + "[` \n)]"));
    }

    @Test
    void everyFlagOnThePageExists() {
        var flags = new HashSet<String>();
        collect(root, flags);
        collect(new CommandLine(CommandSpec.forAnnotatedObject(new LogFlags())), flags);
        collect(new CommandLine(CommandSpec.forAnnotatedObject(new TraceFlags())), flags);

        var named = Pattern.compile("--[a-z][a-z-]+").matcher(page).results().toList();

        assertThat(named).hasSizeGreaterThan(20);
        assertThat(named)
                .extracting(each -> each.group())
                .allMatch(flag -> flags.contains(flag) || OTHERS_OWN.contains(flag));
    }

    @Test
    void everyFateIsExplained() {
        for (var fate : Judge.Fate.values()) {
            assertThat(page).contains("| `" + fate.word() + "` |");
        }
    }

    @Test
    void tablesAreShownWithTheColumnsThatTheyHave() throws IOException {
        for (var source : List.of("Agents", "Edges", "Lanes", "Trace", "ListLetters", "Redrive")) {
            var text =
                    Files.readString(
                            Path.of(
                                    "src/main/java/io/switchboard/operator/%sCommand.java"
                                            .formatted(source)));
            var titles = Pattern.compile("Table\\.of\\(([^;]*?)\\);", Pattern.DOTALL).matcher(text);
            assertThat(titles.find()).as(source).isTrue();
            var header = new StringBuilder();
            Pattern.compile("\"(>?)([^\"]*)\"")
                    .matcher(titles.group(1))
                    .results()
                    .forEach(each -> header.append("\\s+").append(Pattern.quote(each.group(2))));
            assertThat(page).as(source).containsPattern(header + "\\s*\n");
        }
    }

    private static void collect(CommandLine line, Set<String> flags) {
        line.getCommandSpec().options().forEach(each -> flags.addAll(List.of(each.names())));
        line.getSubcommands().values().forEach(each -> collect(each, flags));
    }
}
