package io.switchboard.dispatcher.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskingTest {
    private static final List<Charset> READ_BY_OUR_PARSER =
            List.of(
                    StandardCharsets.UTF_8,
                    StandardCharsets.UTF_16BE,
                    StandardCharsets.UTF_16LE,
                    StandardCharsets.UTF_32BE,
                    StandardCharsets.UTF_32LE);

    @Test
    void theToken_isMasked_howeverItIsWritten() {
        for (var text :
                List.of(
                        "{\"chat_token\":\"s3cret\",\"data\":[]}",
                        "{\"data\":[{\"Chat_Token\":\"s3cret\"}]}",
                        "{\"ch\\u0061t_token\":\"s3cret\"}")) {
            for (var charset : READ_BY_OUR_PARSER) {
                var masked = Masking.masked(text.getBytes(charset));
                assertThat(masked).as("%s in %s", text, charset).isNotNull();
                assertThat(new String(masked, StandardCharsets.UTF_8))
                        .as("%s in %s", text, charset)
                        .contains("***")
                        .doesNotContain("s3cret");
            }
        }
    }

    @Test
    void whatCannotBeRead_isNotShown_whenATokenMayBeInIt() {
        assertThat(Masking.masked("{\"chat_token\":\"s3".getBytes(StandardCharsets.UTF_16LE)))
                .isNull();
        assertThat(Masking.masked("no envelope".getBytes(StandardCharsets.UTF_8)))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("no envelope");
    }
}
