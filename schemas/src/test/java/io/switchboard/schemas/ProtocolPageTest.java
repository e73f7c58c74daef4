package io.switchboard.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The tables of docs/protocol.md are the enums.
final class ProtocolPageTest {
    private final String page = Files.readString(Path.of("../docs/protocol.md"));

    ProtocolPageTest() throws IOException {}

    @Test
    void closeCodes_areThoseOfTheEnum() {
        assertThat(page.lines().filter(line -> line.matches("\\| 4\\d{3} \\|.*")))
                .map(line -> line.substring(0, line.lastIndexOf(" | ") + 2))
                .containsExactlyElementsOf(
                        Arrays.stream(CloseCode.values())
                                .map(
                                        code ->
                                                "| %d | %s | %s |"
                                                        .formatted(
                                                                code.code(),
                                                                code.reason(),
                                                                code.comeBack()
                                                                        ? "come back"
                                                                        : "do not"))
                                .toList());
    }

    @Test
    void errorCodes_areThoseOfTheEnum() {
        assertThat(page.lines().filter(line -> line.matches("\\| 10\\d{3} \\|.*")))
                .containsExactlyElementsOf(
                        Arrays.stream(ErrorCode.values())
                                .map(code -> "| %d | %s |".formatted(code.code(), code.msg()))
                                .toList());
    }

    @Test
    void receipts_areThoseOfTheEnum() {
        for (var kind : Receipt.Kind.values()) {
            assertThat(page).contains("| `" + kind.word() + "`");
        }
    }

    /// Whole frames on the page are golden files, and each golden file is on the page (those of the
    /// Centrifuge protocol have a page of their own).
    @Test
    void everyFrameOfThePage_isAGoldenFile_andEveryGoldenFileIsThere() throws IOException {
        var golden = new TreeSet<String>();
        try (var files = Files.list(Path.of("src/test/resources/golden"))) {
            for (var file : files.toList()) {
                if (!file.getFileName().toString().startsWith("centrifuge-")) {
                    golden.add(Files.readString(file).strip());
                }
            }
        }
        var shown = new TreeSet<String>();
        frames("^(?:edge|browser) +(\\{.*)$", shown);
        frames("`(\\{\"event\".*?\\})`", shown);
        frames("(?s)```json\n(\\{\"url\".*?)\n```", shown);
        assertThat(shown).containsExactlyElementsOf(golden);
    }

    private void frames(String pattern, Set<String> into) {
        Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map(it -> it.group(1).replaceAll("\n *", ""))
                .forEach(into::add);
    }
}
