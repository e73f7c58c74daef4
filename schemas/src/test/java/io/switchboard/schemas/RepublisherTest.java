package io.switchboard.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

final class RepublisherTest {
    private static final Proof PROOF = new Proof(List.of(new byte[32]));
    private static final Position FIRST = new Position("aB3_-x", 3, 42);
    private static final Target TARGET =
            new Target(
                    2,
                    new Target.ToAgent("ada"),
                    Json.object().put("type", "工单"),
                    "w-1",
                    Duration.ofSeconds(60),
                    null);
    private static final Origin ORIGIN =
            new Origin(
                    Origin.Kind.REDRIVEN,
                    "helpdesk",
                    FIRST,
                    2,
                    "w-1",
                    Instant.ofEpochMilli(9),
                    null);

    @Test
    void copyIsKeyedByItsAddress_inItsAddresssLane_andProven() {
        var republisher = new Republisher("worksheet.events", 8, PROOF);

        var record = republisher.record(ORIGIN, "/u", TARGET, null);

        var address = new Address.Agent("helpdesk", "ada");
        assertThat(record.topic()).isEqualTo("worksheet.events");
        assertThat(record.key()).isEqualTo(address.key());
        assertThat(record.partition()).isEqualTo(address.partition(8));
        var origin = record.headers().lastHeader(Origin.HEADER).value();
        assertThat(Origin.decode(origin)).isEqualTo(ORIGIN);
        var proof = record.headers().lastHeader(Proof.HEADER).value();
        assertThat(PROOF.verify(proof, origin, record.key(), record.value())).isTrue();
        var parsed = Envelope.parse(record.value());
        assertThat(parsed.problems()).isEmpty();
        assertThat(parsed.envelope().chatToken()).isNull();
        assertThat(parsed.envelope().targets())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("index")
                .containsExactly(TARGET);
    }

    @Test
    void traceContextTravelsOn_andNothingElseDoes() {
        var from = new RecordHeaders().add("traceparent", new byte[] {1});
        from.add("chat_token", new byte[] {2});

        var record = new Republisher("t", 1, PROOF).record(ORIGIN, "/u", TARGET, from);

        assertThat(record.headers().lastHeader("traceparent").value()).containsExactly(1);
        assertThat(record.headers().lastHeader("chat_token")).isNull();
    }

    @Test
    void eventIsCalledByItsProducersId_orByItsFirstRecord() {
        var nameless = new Target(2, TARGET.to(), TARGET.payload(), null, null, null);

        assertThat(EventId.of(TARGET, FIRST, 5)).isEqualTo("w-1");
        assertThat(EventId.of(nameless, FIRST, 5)).isEqualTo("aB3_-x.3.42.2");
        assertThat(EventId.of(nameless, FIRST, 1)).isEqualTo("aB3_-x.3.42");
        assertThat(EventId.coordinates("aB3_-x.3.42"))
                .isEqualTo(new EventId.Coordinates(FIRST, null));
        assertThat(EventId.coordinates("aB3_-x.3.42.2"))
                .isEqualTo(new EventId.Coordinates(FIRST, 2));
        assertThat(EventId.coordinates("w-1")).isNull();
        assertThat(EventId.coordinates("aB3_-x.3.-1")).isNull();
    }

    @Test
    void deadLetters_areReadBackAsTheyWere() {
        var raw = "{}".getBytes(UTF_8);
        var letter =
                new DeadLetter("t", FIRST, 1, ErrorCode.URL_IS_UNKNOWN, "'/x'", "helpdesk", raw);
        var bare =
                new DeadLetter(
                        "t", FIRST, Problem.WHOLE, ErrorCode.KAFKA_REFUSED, "large", null, null);

        for (var each : List.of(letter, bare)) {
            assertThat(DeadLetter.decode(each.headers(), each.raw())).isEqualTo(each);
        }
        assertThat(new String(letter.key(), UTF_8)).isEqualTo("t-3-42-1");
        var headers = new HashMap<>(letter.headers());
        headers.put(DeadLetter.CODE, "1".getBytes(UTF_8));
        assertThatThrownBy(() -> DeadLetter.decode(headers, raw))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(DeadLetter.CODE);
        headers.remove(DeadLetter.CODE);
        assertThatThrownBy(() -> DeadLetter.decode(headers, raw))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(DeadLetter.CODE);
    }

    @Test
    void marksAreToldFromLetters() {
        var mark = new LetterMark(LetterMark.Kind.REDRIVEN, "w-1");

        assertThat(LetterMark.decode(mark.headers())).isEqualTo(mark);
        assertThat(
                        LetterMark.decode(
                                new DeadLetter(
                                                "t",
                                                FIRST,
                                                Problem.WHOLE,
                                                ErrorCode.KAFKA_REFUSED,
                                                "",
                                                null,
                                                null)
                                        .headers()))
                .isNull();
    }
}
