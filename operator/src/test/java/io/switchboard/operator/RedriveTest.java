package io.switchboard.operator;

import static io.switchboard.operator.Fixture.APPS;
import static io.switchboard.operator.Fixture.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.LetterMark;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Problem;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

final class RedriveTest {
    private static final Position AT = new Position("aB3_-x", 3, 42);
    private static final String GOOD =
            "{\"url\":\"/worksheet/send-message\",\"chat_token\":\"***\",\"data\":[{\"uuid\":\"ada\",\"data\":{}},{\"uuid\":\"bob\",\"id\":\"w-2\",\"ttl\":60,\"data\":{}}]}";

    private static DeadLetter letter(int target, String app, String raw) {
        return new DeadLetter(
                "worksheet.events",
                AT,
                target,
                ErrorCode.URL_IS_UNKNOWN,
                "'/x'",
                app,
                raw == null ? null : raw.getBytes(UTF_8));
    }

    private static String refusal(DeadLetter letter, String app) {
        var redrive = Redrive.of(letter, app, APPS, NOW);
        assertThat(redrive).isInstanceOf(Redrive.Refused.class);
        return ((Redrive.Refused) redrive).why();
    }

    @Test
    void wholeRecordIsSentAgain_targetByTarget_fromItsOwnCoordinates() {
        var redrive = Redrive.of(letter(Problem.WHOLE, "helpdesk", GOOD), null, APPS, NOW);

        var copies = ((Redrive.Send) redrive).copies();
        assertThat(copies)
                .extracting(Redrive.Copy::origin)
                .containsExactly(
                        new Origin(
                                Origin.Kind.REDRIVEN,
                                "helpdesk",
                                AT,
                                0,
                                "aB3_-x.3.42.0",
                                NOW.plus(Fixture.TTL),
                                null),
                        new Origin(
                                Origin.Kind.REDRIVEN,
                                "helpdesk",
                                AT,
                                1,
                                "w-2",
                                NOW.plusSeconds(60),
                                null));
    }

    @Test
    void letterOfOneTarget_sendsThatOneOnly() {
        var redrive = Redrive.of(letter(1, "helpdesk", GOOD), null, APPS, NOW);

        assertThat(((Redrive.Send) redrive).copies())
                .singleElement()
                .satisfies(copy -> assertThat(copy.origin().index()).isEqualTo(1));
    }

    @Test
    void letterWithoutAVerifiedApp_needsOneFromTheOperator() {
        var letter = letter(Problem.WHOLE, null, GOOD);

        assertThat(refusal(letter, null)).contains("--app");
        assertThat(Redrive.of(letter, "helpdesk", APPS, NOW)).isInstanceOf(Redrive.Send.class);
        assertThat(refusal(letter(Problem.WHOLE, "helpdesk", GOOD), "old"))
                .contains("app 'helpdesk'");
    }

    @Test
    void causeThatIsNotMended_isNamed_andNothingIsSent() {
        assertThat(refusal(letter(0, "old", GOOD), null)).contains("app is blocked", "'old'");
        assertThat(refusal(letter(0, "helpdesk", GOOD.replace("/worksheet", "/x")), null))
                .contains("url is unknown", "'/x/send-message'", "come back");
        assertThat(
                        refusal(
                                letter(
                                        0,
                                        "helpdesk",
                                        GOOD.replace("\"uuid\":\"ada\"", "\"role\":\"r\"")),
                                null))
                .contains("role is unknown", "'r'");
        assertThat(
                        refusal(
                                letter(
                                        0,
                                        "helpdesk",
                                        GOOD.replace("\"uuid\":\"ada\"", "\"uuid\":7")),
                                null))
                .contains("malformed", "/data/0/uuid");
        assertThat(refusal(letter(0, "helpdesk", "{"), null)).contains("not a JSON object");
        assertThat(refusal(letter(0, "helpdesk", null), null)).contains("too large");
        assertThat(refusal(letter(7, "helpdesk", GOOD), null)).contains("target 7");
    }

    @Test
    void delayThatIsOver_isNotWaitedForAgain() {
        var past = GOOD.replace("\"ttl\":60", "\"deliver_at\":\"2026-11-24T17:00:00Z\"");
        var future = GOOD.replace("\"ttl\":60", "\"deliver_at\":\"2026-11-24T19:00:00Z\"");

        var now = ((Redrive.Send) Redrive.of(letter(1, "helpdesk", past), null, APPS, NOW));
        var later = ((Redrive.Send) Redrive.of(letter(1, "helpdesk", future), null, APPS, NOW));

        assertThat(now.copies().getFirst().target().deliverAt()).isNull();
        assertThat(later.copies().getFirst().target().deliverAt())
                .isEqualTo("2026-11-24T19:00:00Z");
        assertThat(later.copies().getFirst().origin().expiry())
                .isEqualTo(NOW.plusSeconds(3600).plus(Fixture.TTL));
    }

    @Test
    void lettersAreReadWithWhatWasDoneAboutThem_eachOnce() {
        var book = new Letter.Book();
        var first = letter(0, "helpdesk", GOOD);
        var other = letter(1, null, GOOD);
        book.add(record(1, first));
        book.add(record(2, other));
        book.add(mark(3, first, new LetterMark(LetterMark.Kind.REDRIVEN, "w-1")));
        book.add(record(4, first));
        book.add(Fixture.record(0, 5, null, null, new RecordHeaders()));

        assertThat(book.letters())
                .extracting(Letter::key, Letter::state)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("worksheet.events-3-42-0", "redriven"),
                        org.assertj.core.groups.Tuple.tuple("worksheet.events-3-42-1", "open"));
        assertThat(book.letters().getFirst().at()).isEqualTo(NOW.plusMillis(1));
        assertThat(book.unreadable()).isEqualTo(1);
    }

    private static org.apache.kafka.clients.consumer.ConsumerRecord<byte[], byte[]> record(
            long offset, DeadLetter letter) {
        var headers = new RecordHeaders();
        letter.headers().forEach(headers::add);
        return Fixture.record(0, offset, letter.key(), letter.raw(), headers);
    }

    private static org.apache.kafka.clients.consumer.ConsumerRecord<byte[], byte[]> mark(
            long offset, DeadLetter letter, LetterMark mark) {
        var headers = new RecordHeaders();
        mark.headers().forEach(headers::add);
        return Fixture.record(0, offset, letter.key(), null, headers);
    }
}
