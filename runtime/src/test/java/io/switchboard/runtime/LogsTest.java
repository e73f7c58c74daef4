package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.schemas.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

final class LogsTest {
    @Test
    void textLine_hasItsKeysAfterTheMessage() {
        assertThat(new TextLayout().doLayout(event(null)))
                .matches(
                        "\\d\\d:\\d\\d:\\d\\d\\.\\d{3} WARN  Lane  Stored 3  lane=7 position=Ab\\.7\\.1\\R");
    }

    @Test
    void whatAStrangerWrote_staysInItsLine() {
        var event = event(null);
        event.setKeyValuePairs(
                List.of(new KeyValuePair("alg", "x\n12:00:00.000 ERROR Lane  fake\u001b[31m")));

        assertThat(new TextLayout().doLayout(event).strip())
                .hasLineCount(1)
                .doesNotContain("\u001b");
        assertThat(new JsonLayout().doLayout(event)).hasLineCount(1);
    }

    @Test
    void jsonLine_isOneObject_withTheException() throws Exception {
        var line = new JsonLayout().doLayout(event(new IllegalStateException("oops\nsecond")));

        assertThat(line).hasLineCount(1);
        JsonNode node = Json.MAPPER.readTree(line);
        assertThat(node.path("level").asText()).isEqualTo("WARN");
        assertThat(node.path("logger").asText()).isEqualTo("a.b.Lane");
        assertThat(node.path("message").asText()).isEqualTo("Stored 3");
        assertThat(node.path("lane").asInt()).isEqualTo(7);
        assertThat(node.path("exception").asText()).contains("IllegalStateException: oops");
    }

    @Test
    void othersAreHeardFromWarn_andUsFromInfo() {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();

        assertThat(context.getLogger("org.apache.kafka.clients.X").isInfoEnabled()).isFalse();
        assertThat(context.getLogger("org.redisson.X").isWarnEnabled()).isTrue();
        assertThat(context.getLogger("io.switchboard.X").isInfoEnabled()).isTrue();
        assertThat(context.getLogger("io.switchboard.X").isDebugEnabled()).isFalse();
    }

    private static LoggingEvent event(Throwable thrown) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var event =
                new LoggingEvent(
                        "x",
                        context.getLogger("a.b.Lane"),
                        Level.WARN,
                        "Stored {}",
                        thrown,
                        new Object[] {3});
        event.setKeyValuePairs(
                List.of(new KeyValuePair("lane", 7), new KeyValuePair("position", "Ab.7.1")));
        return event;
    }
}
