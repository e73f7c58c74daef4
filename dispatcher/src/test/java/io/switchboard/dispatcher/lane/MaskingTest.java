package io.switchboard.dispatcher.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MaskingTest {
    @Test
    void token_isMasked_whereverItIs_andHoweverItsNameIsWritten() {
        assertThat(masked("{\"chat_token\":\"secret\",\"data\":[]}"))
                .isEqualTo("{\"chat_token\":\"***\",\"data\":[]}");
        assertThat(masked("{\"data\":[{\"data\":{\"chat_token\":\"secret\"}}]}"))
                .doesNotContain("secret");
        assertThat(masked("{\"Chat_Token\":\"secret\"}")).doesNotContain("secret");
        assertThat(masked("{\"chat\\u005ftoken\":\"secret\"}")).doesNotContain("secret");
        assertThat(masked("{\"chat_token\":{\"of\":\"secret\"}}")).doesNotContain("secret");
    }

    @Test
    void whatIsNoJson_isKept_onlyIfNoTokenCanBeInIt() {
        assertThat(masked("{\"url\":")).isEqualTo("{\"url\":");
        assertThat(masked("{\"chat_token\":\"secret\"")).isNull();
        assertThat(masked("[{\"chat_token\":\"secret\"}]")).isNull();
        assertThat(masked("{\"chat\\u005ftoken\":\"secret\"")).isNull();
        assertThat(Masking.masked(null)).isNull();
    }

    private static String masked(String text) {
        var bytes = Masking.masked(text.getBytes(StandardCharsets.UTF_8));
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
