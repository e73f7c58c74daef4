package io.switchboard.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
}
