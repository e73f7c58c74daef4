package io.switchboard.operator;

import static io.switchboard.operator.Fixture.ADA;
import static io.switchboard.operator.Fixture.NOW;
import static io.switchboard.operator.Fixture.inAdasLane;
import static io.switchboard.operator.Fixture.laneOfAda;
import static io.switchboard.operator.Fixture.origin;
import static io.switchboard.operator.Fixture.toAda;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.operator.Findings.Hinted;
import io.switchboard.operator.Findings.Presence;
import io.switchboard.operator.Findings.Seen;
import io.switchboard.operator.Findings.Standing;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.LetterMark;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Problem;
import io.switchboard.schemas.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Each test is a phone call: "why did mine not arrive?"
final class TraceTest {
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 3);
    private static final Position HERE = inAdasLane(42);

    private final List<Seen> seen = new ArrayList<>();
    private final List<Receipt> receipts = new ArrayList<>();
    private final List<Letter> letters = new ArrayList<>();
    private final List<Hinted> hints = new ArrayList<>();
    private final List<Findings.AtEdge> written = new ArrayList<>();
    private final List<Standing> inboxes = new ArrayList<>();

    private Trace trace() {
        return Trace.of(
                new Findings(
                        "w-1",
                        NOW.plusSeconds(60),
                        "searched from 1 to 2",
                        seen,
                        receipts,
                        letters,
                        hints,
                        written,
                        inboxes));
    }

    private Judge.Verdict verdict() {
        var verdicts = trace().verdicts();
        assertThat(verdicts).hasSize(1);
        return verdicts.getFirst();
    }

    private void see(Sighting record) {
        record.events().forEach(event -> seen.add(new Seen(record, event)));
    }

    private void produced() {
        see(Fixture.raw(laneOfAda(), 42, "{\"uuid\":\"ada\",\"id\":\"w-1\",\"data\":{}}"));
    }

    private static Receipt receipt(Receipt.Kind kind, Position position, Instant at) {
        return new Receipt("w-1", kind, ADA, position, at, null, null, null);
    }

    private static Standing standing(
            Long fence, long acked, Position held, List<EdgeRef> edges, Presence presence) {
        return new Standing(
                ADA,
                HERE.lane(),
                fence,
                acked,
                acked,
                held,
                held == null ? null : NOW.plus(Fixture.TTL),
                edges,
                presence);
    }

    @Test
    void nothingFound_saysWhereItWasLookedFor() {
        assertThat(verdict().fate()).isEqualTo(Judge.Fate.UNKNOWN);
        assertThat(verdict().sentence()).contains("'w-1'", "searched from 1 to 2");
    }

    @Test
    void agentAway_theEventWaits() {
        produced();
        inboxes.add(standing(50L, 41, HERE, List.of(), new Presence(false, NOW.minusSeconds(600))));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.WAITING);
        assertThat(verdict().sentence())
                .contains(
                        "agent:helpdesk/ada is not online since 2026-11-24 17:50:00.000",
                        "kept until 2026-11-27 18:00");
    }

    @Test
    void agentOnline_butNotAcknowledged() {
        produced();
        hints.add(new Hinted(EDGE, HERE, NOW.plusMillis(50)));
        inboxes.add(standing(50L, 41, HERE, List.of(EDGE), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.SENT);
        assertThat(verdict().sentence())
                .contains("online at edge-1", "hinted at 2026-11-24 18:00:00.050");
        assertThat(trace().hops())
                .extracting(Trace.Hop::what)
                .containsExactly("produced", "hinted", "in inbox");
    }

    @Test
    void allHops_comeInTheOrderOfThePath_evenWithinOneMillisecond() {
        produced();
        var at = NOW.plusMillis(50);
        receipts.add(receipt(Receipt.Kind.ACKNOWLEDGED, HERE, at));
        written.add(new Findings.AtEdge(EDGE, new EdgeAdmin.Written(HERE, "c-1", 3, at)));
        hints.add(new Hinted(EDGE, HERE, at));
        receipts.add(receipt(Receipt.Kind.STORED, HERE, at));

        assertThat(trace().hops())
                .extracting(Trace.Hop::what)
                .containsExactly("produced", "stored", "hinted", "written", "acknowledged");
        assertThat(trace().hops().get(3).where()).isEqualTo(EDGE.id());
        assertThat(trace().hops().get(3).detail()).endsWith("connection c-1 and 2 others");
    }

    @Test
    void writtenButNotAcknowledged_namesTheConnection() {
        produced();
        hints.add(new Hinted(EDGE, HERE, NOW.plusMillis(50)));
        written.add(
                new Findings.AtEdge(
                        EDGE, new EdgeAdmin.Written(HERE, "c-1", 1, NOW.plusMillis(51))));
        inboxes.add(standing(50L, 41, HERE, List.of(EDGE), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.SENT);
        assertThat(verdict().sentence())
                .contains("written to connection c-1 at 2026-11-24 18:00:00.051");
    }

    @Test
    void acknowledged_saysHowLongItTook() {
        produced();
        receipts.add(receipt(Receipt.Kind.STORED, HERE, NOW.plusMillis(45)));
        receipts.add(receipt(Receipt.Kind.ACKNOWLEDGED, HERE, NOW.plusMillis(62)));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.ACKNOWLEDGED);
        assertThat(verdict().sentence()).contains("20ms after it was produced");
    }

    @Test
    void acknowledgedOutranksExpired_whichALossOfRedisMayHaveCaused() {
        produced();
        receipts.add(receipt(Receipt.Kind.EXPIRED, HERE, NOW.plusSeconds(1)));
        receipts.add(receipt(Receipt.Kind.ACKNOWLEDGED, HERE, NOW.plusSeconds(2)));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.ACKNOWLEDGED);
    }

    @Test
    void routeWithoutReceipts_theAckedPositionTells() {
        produced();
        inboxes.add(standing(50L, 45, null, List.of(), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.ACKNOWLEDGED);
    }

    @Test
    void laneThatIsBehind_isNamed_withHowFar() {
        produced();
        inboxes.add(standing(40L, 10, null, List.of(), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.BEHIND);
        assertThat(verdict().sentence()).contains("lane " + HERE.lane(), "2 records");
        inboxes.clear();
        inboxes.add(standing(null, -1, null, List.of(), null));
        assertThat(verdict().sentence()).contains("being rebuilt");
    }

    @Test
    void delayedEvent_saysWhenItIsDue() {
        see(
                Fixture.raw(
                        laneOfAda(),
                        42,
                        "{\"uuid\":\"ada\",\"id\":\"w-1\",\"deliver_at\":\"2026-11-24T18:05:00Z\",\"data\":{}}"));
        inboxes.add(standing(50L, 10, null, List.of(), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.DELAYED);
        assertThat(verdict().sentence()).contains("in 4m");
    }

    @Test
    void deadLetter_saysWhy_andHowToSendItAgain() {
        produced();
        letters.add(letter(null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.REJECTED);
        assertThat(verdict().sentence())
                .contains("url is unknown", "'/x'", "dead-letters redrive worksheet.events-");
        letters.set(0, letter(new LetterMark(LetterMark.Kind.DROPPED, "a test")));
        assertThat(verdict().fate()).isEqualTo(Judge.Fate.DROPPED);
    }

    @Test
    void redrivenLetter_isJudgedByItsCopy() {
        produced();
        letters.add(letter(new LetterMark(LetterMark.Kind.REDRIVEN, "w-1")));
        receipts.add(
                new Receipt(
                        "w-1",
                        Receipt.Kind.REJECTED,
                        ADA,
                        null,
                        NOW,
                        null,
                        ErrorCode.URL_IS_UNKNOWN,
                        "'/x'"));
        assertThat(verdict().fate()).isEqualTo(Judge.Fate.REDRIVEN);

        see(Fixture.forwarded(60, origin(Origin.Kind.REDRIVEN, HERE, "w-1", null), toAda("w-1")));
        inboxes.add(standing(70L, 41, inAdasLane(60), List.of(EDGE), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.SENT);
    }

    @Test
    void redeliveredEvent_isJudgedByItsCopy_notByTheFirstAcknowledgement() {
        produced();
        receipts.add(receipt(Receipt.Kind.ACKNOWLEDGED, HERE, NOW.plusMillis(62)));
        see(
                Fixture.forwarded(
                        60, origin(Origin.Kind.REDELIVERED, HERE, "w-1", "r7"), toAda("w-1")));
        inboxes.add(standing(70L, 42, inAdasLane(60), List.of(), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.WAITING);
    }

    @Test
    void producersRetry_doesNotChangeWhatBecameOfTheFirst() {
        produced();
        receipts.add(receipt(Receipt.Kind.ACKNOWLEDGED, HERE, NOW.plusMillis(62)));
        see(Fixture.raw(laneOfAda(), 43, "{\"uuid\":\"ada\",\"id\":\"w-1\",\"data\":{}}"));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.ACKNOWLEDGED);
    }

    @Test
    void listThatWasNotSplitYet_isBehind() {
        int elsewhere = (laneOfAda() + 1) % 8;
        see(Fixture.raw(elsewhere, 7, "{\"uuid\":\"ada\",\"id\":\"w-1\",\"data\":{}}"));
        inboxes.add(standing(50L, 10, null, List.of(), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.BEHIND);
        assertThat(verdict().sentence())
                .contains("not republished yet", "lane aB3_-x." + elsewhere);
    }

    @Test
    void repetition_saysSo() {
        produced();
        inboxes.add(standing(50L, 10, null, List.of(), null));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.REPEAT);
    }

    @Test
    void refusedToken_isNamed() {
        see(Fixture.raw(laneOfAda(), 42, "wrong", "{\"uuid\":\"ada\",\"id\":\"w-1\",\"data\":{}}"));

        assertThat(verdict().fate()).isEqualTo(Judge.Fate.REJECTED);
        assertThat(verdict().sentence()).contains("chat_token");
    }

    private static Letter letter(LetterMark mark) {
        var dead =
                new DeadLetter(
                        "worksheet.events",
                        HERE,
                        Problem.WHOLE,
                        ErrorCode.URL_IS_UNKNOWN,
                        "'/x'",
                        "helpdesk",
                        new byte[0]);
        return new Letter(
                new String(dead.key(), java.nio.charset.StandardCharsets.UTF_8),
                dead,
                NOW,
                mark,
                mark == null ? null : NOW.plusSeconds(1));
    }
}
