package io.switchboard.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class EnvelopeTest {
    private static final String SEED =
            """
            {"url":"/worksheet/send-message","chat_token":"sdfd3sdfsd3324cx",
             "data":[{"uuid":"badf677b-23df-2a5b-23ds-81d18g23ec69",
                      "data":{"type":"new_worksheet_to_deal","infos":"你有一条新工单待处理"}}]}
            """;
    private static final Schema SCHEMA = Schemas.envelope();

    @Test
    void theWorkedExamplesOwnSample_isUnderstood() {
        var envelope = parse(SEED).envelope();

        assertThat(envelope.url()).isEqualTo("/worksheet/send-message");
        assertThat(envelope.chatToken()).isEqualTo("sdfd3sdfsd3324cx");
        var target = envelope.targets().getFirst();
        assertThat(target.to().in("helpdesk"))
                .hasToString("agent:helpdesk/badf677b-23df-2a5b-23ds-81d18g23ec69");
        assertThat(target.payload().path("infos").textValue()).isEqualTo("你有一条新工单待处理");
    }

    @Test
    void everythingATargetMaySay_isRead() {
        var target =
                parse(
                                """
                                {"url":"/u","data":[{"role":"second-line","data":1,"id":"w-1","ttl":60,
                                "deliver_at":"2026-11-24T20:00:00+02:00"}]}""")
                        .envelope()
                        .targets()
                        .getFirst();

        assertThat(target.to()).isEqualTo(new Target.ToRole("second-line"));
        assertThat(target.id()).isEqualTo("w-1");
        assertThat(target.ttl()).isEqualTo(Duration.ofSeconds(60));
        assertThat(target.deliverAt()).isEqualTo(Instant.parse("2026-11-24T18:00:00Z"));
    }

    @Test
    void oneBadTargetOfThree_isNamed_andTheGoodOnesStay() {
        var parsed =
                parse(
                        """
                        {"url":"/u","data":[{"uuid":"a","data":1},{"uuid":7,"data":1},{"all":true,"data":2}]}""");

        assertThat(parsed.envelope().targets()).extracting(Target::index).containsExactly(0, 2);
        assertThat(parsed.problems())
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.target()).isEqualTo(1);
                            assertThat(problem.field()).isEqualTo("/data/1/uuid");
                            assertThat(problem.message()).startsWith("/data/1/uuid: 7 (expected:");
                        });
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of("[]", ""),
                Arguments.of("{\"url\":\"/u\",\"data\":[]", ""),
                Arguments.of("{\"data\":[{\"uuid\":\"a\",\"data\":1}]}", "/url"),
                Arguments.of("{\"url\":\"\",\"data\":[{\"uuid\":\"a\",\"data\":1}]}", "/url"),
                Arguments.of("{\"url\":\"/u\"}", "/data"),
                Arguments.of("{\"url\":\"/u\",\"data\":{}}", "/data"),
                Arguments.of("{\"url\":\"/u\",\"data\":[]}", "/data"),
                Arguments.of(
                        "{\"url\":\"/u\",\"chat_token\":5,\"data\":[{\"uuid\":\"a\",\"data\":1}]}",
                        "/chat_token"),
                Arguments.of(one("7"), "/data/0"),
                Arguments.of(one("{\"data\":1}"), "/data/0"),
                Arguments.of(one("{\"uuid\":\"a\",\"all\":true,\"data\":1}"), "/data/0"),
                Arguments.of(one("{\"uuid\":\"a/b\",\"data\":1}"), "/data/0/uuid"),
                Arguments.of(one("{\"role\":\"a b\",\"data\":1}"), "/data/0/role"),
                Arguments.of(one("{\"all\":false,\"data\":1}"), "/data/0/all"),
                Arguments.of(one("{\"uuid\":\"a\"}"), "/data/0/data"),
                Arguments.of(one("{\"uuid\":\"a\",\"data\":null}"), "/data/0/data"),
                Arguments.of(one("{\"uuid\":\"a\",\"data\":1,\"id\":\"\"}"), "/data/0/id"),
                Arguments.of(one("{\"uuid\":\"a\",\"data\":1,\"ttl\":0}"), "/data/0/ttl"),
                Arguments.of(one("{\"uuid\":\"a\",\"data\":1,\"ttl\":1.5}"), "/data/0/ttl"),
                Arguments.of(one("{\"uuid\":\"a\",\"data\":1,\"ttl\":\"60\"}"), "/data/0/ttl"),
                Arguments.of(
                        one("{\"uuid\":\"a\",\"data\":1,\"deliver_at\":\"soon\"}"),
                        "/data/0/deliver_at"));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void eachBadField_isNamed_andTheSchemaAgrees(String text, String field) {
        var parsed = parse(text);

        assertThat(parsed.problems()).extracting(Problem::field).containsExactly(field);
        if (Json.readObject(text.getBytes(UTF_8)) != null) {
            assertThat(SCHEMA.validate(text, InputFormat.JSON, Schemas.WITH_FORMATS)).isNotEmpty();
        }
    }

    @Test
    void goodEnvelopes_areGoodForTheSchemaToo() {
        for (var text :
                List.of(
                        SEED,
                        one("{\"all\":true,\"data\":\"text\"}"),
                        one(
                                "{\"role\":\"r\",\"data\":[1],\"ttl\":1,\"deliver_at\":\"2026-11-24T20:00:00Z\"}"))) {
            assertThat(parse(text).problems()).isEmpty();
            assertThat(SCHEMA.validate(text, InputFormat.JSON, Schemas.WITH_FORMATS)).isEmpty();
        }
    }

    @Test
    void aTargetBeyondItsLimit_isRefused_andOneAtTheLimitIsNot() {
        var most = Envelope.MAX_TARGET_BYTES - 2;

        assertThat(parse(one("{\"uuid\":\"a\",\"data\":\"" + "x".repeat(most) + "\"}")).problems())
                .isEmpty();
        assertThat(
                        parse(one("{\"uuid\":\"a\",\"data\":[\"" + "x".repeat(most) + "\"]}"))
                                .problems())
                .extracting(Problem::code)
                .containsExactly(ErrorCode.TARGET_IS_TOO_LARGE);
    }

    @Test
    void multiByteText_countsInBytes() {
        var text = "工".repeat(Envelope.MAX_TARGET_BYTES / 3 + 1);

        assertThat(parse(one("{\"uuid\":\"a\",\"data\":\"" + text + "\"}")).problems())
                .extracting(Problem::code)
                .containsExactly(ErrorCode.TARGET_IS_TOO_LARGE);
    }

    @Test
    void whatWeWriteOurselves_isReadBack() {
        var target = parse(SEED).envelope().targets().getFirst();

        var again = Envelope.parse(Envelope.encode("/u", target, null)).envelope();

        assertThat(again).isEqualTo(new Envelope("/u", null, List.of(target)));
    }

    private static String one(String target) {
        return "{\"url\":\"/u\",\"data\":[" + target + "]}";
    }

    private static Envelope.Parsed parse(String text) {
        return Envelope.parse(text.getBytes(UTF_8));
    }
}
