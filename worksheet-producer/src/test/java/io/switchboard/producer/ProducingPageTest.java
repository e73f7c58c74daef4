package io.switchboard.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class ProducingPageTest {
    private static final Pattern ROW = Pattern.compile("\\| (\\d{3}) \\| `([a-z-]+)` \\|.*");

    @Test
    void everyProblem_isARowOfThePage() throws IOException {
        List<String> rows =
                Files.readAllLines(Path.of("../docs/producing.md")).stream()
                        .map(ROW::matcher)
                        .filter(matcher -> matcher.matches())
                        .map(matcher -> matcher.group(1) + " " + matcher.group(2))
                        .toList();

        assertThat(rows)
                .containsExactlyElementsOf(
                        Arrays.stream(Refusal.Type.values())
                                .map(type -> type.status() + " " + type.word())
                                .toList());
    }
}
