package io.switchboard.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FramesTest {
    private static final Schema SERVER = Schemas.frames("server");
    private static final Schema CLIENT = Schemas.frames("client");
    private static final Position POSITION = new Position("aB3_-x", 7, 42);

    @Test
    void everyFrameOfTheEdge_isWhatTheSchemaSays() {
        var ada = new Address.Agent("helpdesk", "ada");
        for (var frame :
                new byte[][] {
                    ServerFrames.connect(),
                    ServerFrames.heartBeat(),
                    ServerFrames.online("c1", ada, "first,second", 3, 25),
                    ServerFrames.published("p-1"),
                    ServerFrames.goAway(1234),
                    new ServerFrames.Lost("agent", 2, 0, false, false, POSITION).encode(),
                    new ServerFrames.Lost("role:second", 0, 0, false, true, POSITION).encode(),
                    ServerFrames.error(ErrorCode.EVENT_IS_NULL, null),
                    ServerFrames.error(ErrorCode.PUBLISH_IS_UNAVAILABLE, "p-1"),
                    EventFrame.encode(
                            "WorksheetMsg",
                            "aB3_-x.7.42",
                            ada,
                            POSITION,
                            Instant.EPOCH,
                            "r1",
                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                            Json.object().put("infos", "你有一条新工单待处理"))
                }) {
            var text = new String(frame, UTF_8);
            assertThat(SERVER.validate(text, InputFormat.JSON)).as(text).isEmpty();
        }
    }

    @Test
    void theErrorFrame_isTheWorkedExamplesOwn() {
        assertThat(new String(ServerFrames.error(ErrorCode.EVENT_IS_NULL, null), UTF_8))
                .isEqualTo("{\"code\":10101,\"msg\":\"event is null\",\"data\":[]}");
    }

    @Test
    void theTraceContext_isFoundInTheFrame_andNeverInThePayload() {
        var context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var payload = Json.object().put("traceparent", context);

        assertThat(TraceParent.of(frame(context, payload))).isEqualTo(context);
        assertThat(TraceParent.of(frame(null, payload))).isNull();
        assertThat(TraceParent.of(frame(null, Json.object()))).isNull();
    }

    @Test
    void aTraceContextThatIsNone_reachesNoBrowser() {
        for (var wrong :
                new String[] {
                    "",
                    "nonsense",
                    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
                }) {
            var headers = new RecordHeaders();
            headers.add(TraceParent.HEADER, wrong.getBytes(UTF_8));
            assertThat(TraceParent.of(headers)).as(wrong).isNull();
        }
        assertThat(TraceParent.of(new RecordHeaders())).isNull();
    }

    private static byte[] frame(String traceParent, JsonNode payload) {
        return EventFrame.encode(
                "WorksheetMsg",
                "w-1",
                new Address.App("helpdesk"),
                POSITION,
                Instant.ofEpochMilli(5),
                null,
                traceParent,
                payload);
    }

    @Test
    void theEventFrame_keepsTheWorkedExamplesShape() {
        var frame =
                EventFrame.encode(
                        "WorksheetMsg",
                        "w-1",
                        new Address.Role("helpdesk", "second"),
                        POSITION,
                        Instant.ofEpochMilli(5),
                        null,
                        null,
                        Json.object().put("infos", "你有一条新工单待处理"));

        assertThat(new String(frame, UTF_8))
                .isEqualTo(
                        "{\"event\":\"WorksheetMsg\",\"id\":\"w-1\",\"to\":\"role:second\",\"pos\":\"aB3_-x.7.42\","
                                + "\"sent\":5,\"response\":{\"infos\":\"你有一条新工单待处理\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | FRAME_IS_NOT_JSON",
                "[1] | FRAME_IS_NOT_JSON",
                "{} | EVENT_IS_NULL",
                "{\"event\":null} | EVENT_IS_NULL",
                "{\"event\":\"\"} | EVENT_IS_NULL",
                "{\"event\":\"DANCE\"} | EVENT_IS_UNKNOWN",
                "{\"event\":\"CONNECT\",\"data\":[]} | TOKEN_IS_REFUSED",
                "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"t\",\"positions\":{\"agent\":7}}} | POSITION_IS_MALFORMED",
                "{\"event\":\"ACK\",\"data\":[]} | ACK_IS_MALFORMED",
                "{\"event\":\"ACK\",\"data\":{}} | ACK_IS_MALFORMED",
                "{\"event\":\"ACK\",\"data\":{\"agent\":\"1.2\"}} | ACK_IS_MALFORMED",
                "{\"event\":\"REFRESH\",\"data\":{}} | TOKEN_IS_REFUSED",
                "{\"event\":\"PUBLISH\",\"data\":{}} | PUBLISH_IS_MALFORMED",
                "{\"event\":\"PUBLISH\",\"id\":\"1\",\"data\":5} | PUBLISH_IS_MALFORMED",
            })
    void aFrameThatIsNotUnderstood_isNamed(String text, ErrorCode error) {
        assertThat(ClientFrame.parse(text.getBytes(UTF_8)))
                .isEqualTo(new ClientFrame.Malformed(error));
        if (Json.readObject(text.getBytes(UTF_8)) != null) {
            assertThat(CLIENT.validate(text, InputFormat.JSON)).isNotEmpty();
        }
    }

    @Test
    void whatABrowserSays_isUnderstood_andGoodForTheSchema() {
        assertThat(
                        parse(
                                """
                                {"event":"CONNECT","data":{"client_token":"t","positions":{"agent":"aB3_-x.7.42","role:second":"aB3_-x.1.-1"}}}"""))
                .isEqualTo(
                        new ClientFrame.Connect(
                                "t",
                                Map.of(
                                        "agent",
                                        POSITION,
                                        "role:second",
                                        new Position("aB3_-x", 1, -1))));
        assertThat(parse("{\"event\":\"ACK\",\"data\":{\"agent\":\"aB3_-x.7.42\"}}"))
                .isEqualTo(new ClientFrame.Ack(Map.of("agent", POSITION)));
        assertThat(parse("{\"event\":\"HEART_BEAT\",\"data\":[]}"))
                .isEqualTo(new ClientFrame.HeartBeat());
        assertThat(parse("{\"event\":\"REFRESH\",\"data\":{\"client_token\":\"t2\"}}"))
                .isEqualTo(new ClientFrame.Refresh("t2"));
        assertThat(parse("{\"event\":\"PUBLISH\",\"id\":\"p-1\",\"data\":{\"seen\":true}}"))
                .isEqualTo(new ClientFrame.Publish("p-1", Json.object().put("seen", true)));
    }

    private static ClientFrame parse(String text) {
        assertThat(CLIENT.validate(text, InputFormat.JSON)).as(text).isEmpty();
        return ClientFrame.parse(text.getBytes(UTF_8));
    }
}
