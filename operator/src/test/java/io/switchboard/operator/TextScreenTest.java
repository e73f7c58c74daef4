package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Json;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TextScreenTest {
    @Test
    void aLineSaysToWhichFeed_whichEvent_ofWhatType_andWhatItSays() {
        var frame = Json.object().put("event", "WorksheetMsg").put("id", "e-1").put("to", "agent");
        frame.putObject("response").put("type", "new_worksheet_to_deal").put("infos", "你有一条新工单待处理");

        assertThat(TextScreen.line(frame, Instant.EPOCH))
                .containsSubsequence("agent", "e-1", "new_worksheet_to_deal", "你有一条新工单待处理");
    }

    @Test
    void aPayloadWithoutInfosIsShownWhole() {
        var frame = Json.object().put("event", "Ping").put("id", "e-1").put("to", "app");
        frame.putObject("response").put("n", 1);

        assertThat(TextScreen.line(frame, Instant.EPOCH)).contains("Ping", "{\"n\":1}");
    }
}
