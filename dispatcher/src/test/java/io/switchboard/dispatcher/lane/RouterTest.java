package io.switchboard.dispatcher.lane;

import static io.switchboard.dispatcher.lane.LaneWorld.PROOF;
import static io.switchboard.dispatcher.lane.LaneWorld.TOPIC;
import static io.switchboard.dispatcher.lane.LaneWorld.URL;
import static io.switchboard.dispatcher.lane.LaneWorld.agentIn;
import static io.switchboard.dispatcher.lane.LaneWorld.envelope;
import static io.switchboard.dispatcher.lane.LaneWorld.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.Append.Verdict;
import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Problem;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.ReceiptLevel;
import io.switchboard.schemas.Republisher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final Instant WRITTEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Address.Agent ADA = agentIn(0);
    private static final Address.Agent BOB = agentIn(1);
    private static final Republisher REPUBLISHER =
            new Republisher(TOPIC.name(), TOPIC.partitions(), PROOF);

    private final Router router = new Router(TOPIC, 0, PROOF);
    private Apps apps = LaneWorld.apps(Apps.Status.ACTIVE, ReceiptLevel.ALL, null);

    // --- one target, in its lane

    @Test
    void oneTarget_inItsLane_isAnEntry_calledByItsCoordinates() {
        var routed = route(7, envelope(target(ADA, "hi", "")));

        var entry = routed.entry();
        assertThat(entry.address()).isEqualTo(ADA);
        assertThat(entry.eventId()).isEqualTo("abcDEF.0.7");
        assertThat(entry.verdict()).isInstanceOf(Verdict.Store.class);
        assertThat(entry.ids()).isEmpty();
        assertThat(entry.origin()).isNull();
        assertThat(entry.releases()).isNull();
        assertThat(entry.expiry()).isEqualTo(WRITTEN.plus(Duration.ofDays(3)).toEpochMilli());
        assertThat(new String(entry.frame(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"event\":\"WorksheetMsg\",\"id\":\"abcDEF.0.7\",\"to\":\"agent\",\"pos\":\"abcDEF.0.7\",\"sent\":%d,\"response\":{\"text\":\"hi\"}}"
                                .formatted(WRITTEN.toEpochMilli()));
        assertThat(routed.copies()).isEmpty();
        assertThat(routed.refusals()).isEmpty();
    }

    @Test
    void producersId_isTheEventsName_andItsDedupeKey() {
        var entry = route(7, envelope(target(ADA, "hi", ",\"id\":\"order-1\""))).entry();

        assertThat(entry.eventId()).isEqualTo("order-1");
        assertThat(entry.ids()).containsExactly("helpdesk|" + ADA + "|order-1");
    }

    @Test
    void ttl_countsFromTheBrokersTimestamp() {
        var entry = route(7, envelope(target(ADA, "hi", ",\"ttl\":60"))).entry();

        assertThat(entry.expiry()).isEqualTo(WRITTEN.plusSeconds(60).toEpochMilli());
    }

    @Test
    void token_mayBeARecordHeader() {
        var value =
                "{\"url\":\"%s\",\"data\":[%s]}"
                        .formatted(URL, target(ADA, "hi", ""))
                        .getBytes(StandardCharsets.UTF_8);
        var headers = new RecordHeaders();
        headers.add("chat_token", LaneWorld.TOKEN.getBytes(StandardCharsets.UTF_8));

        assertThat(route(1, null, value, headers).entry()).isNotNull();
        assertThat(route(1, value).refusals())
                .extracting(each -> each.letter().error())
                .containsExactly(ErrorCode.CHAT_TOKEN_IS_REFUSED);
    }

    @Test
    void cloudEvent_inBinaryMode_isAnEnvelopeInOtherWords() {
        var headers = new RecordHeaders();
        add(headers, "ce_specversion", "1.0");
        add(headers, "ce_type", URL);
        add(headers, "ce_subject", "uuid:" + ADA.uuid());
        add(headers, "ce_id", "order-2");
        add(headers, "chat_token", LaneWorld.TOKEN);

        var entry =
                route(3, null, "{\"text\":\"hi\"}".getBytes(StandardCharsets.UTF_8), headers)
                        .entry();

        assertThat(entry.address()).isEqualTo(ADA);
        assertThat(entry.eventId()).isEqualTo("order-2");
        assertThat(new String(entry.frame(), StandardCharsets.UTF_8)).contains("{\"text\":\"hi\"}");
    }

    @Test
    void cloudEvent_thatIsRefused_isALetterThatCanBeRedriven() {
        var headers = new RecordHeaders();
        add(headers, "ce_specversion", "1.0");
        add(headers, "ce_type", URL);
        add(headers, "ce_subject", "role:nobody");
        add(headers, "chat_token", LaneWorld.TOKEN);

        var letter =
                route(3, null, "{\"text\":\"hi\"}".getBytes(StandardCharsets.UTF_8), headers)
                        .refusals()
                        .getFirst()
                        .letter();

        assertThat(letter.error()).isEqualTo(ErrorCode.ROLE_IS_UNKNOWN);
        assertThat(new String(letter.raw(), StandardCharsets.UTF_8))
                .contains("\"role\":\"nobody\"", "\"text\":\"hi\"")
                .doesNotContain(LaneWorld.TOKEN);
    }

    @Test
    void cloudEvent_withoutSubject_saysWhatIsMissing() {
        var headers = new RecordHeaders();
        add(headers, "ce_specversion", "1.0");
        add(headers, "ce_type", URL);
        add(headers, "chat_token", LaneWorld.TOKEN);

        var routed = route(3, null, "{}".getBytes(StandardCharsets.UTF_8), headers);

        assertThat(routed.refusals().getFirst().letter().detail()).contains("ce_subject");
    }

    // --- what is irregular is republished

    @Test
    void severalTargets_areSplit_inTheirOrder_withTheirIndex_andWithoutTheToken() {
        var routed =
                route(
                        7,
                        envelope(target(ADA, "a", ""), target(BOB, "b", ""), target(ADA, "c", "")));

        assertThat(routed.entry()).isNull();
        assertThat(routed.copies()).extracting(ProducerRecord::partition).containsExactly(0, 1, 0);
        assertThat(routed.copies())
                .extracting(copy -> origin(copy).index())
                .containsExactly(0, 1, 2);
        assertThat(routed.copies())
                .extracting(copy -> origin(copy).eventId())
                .containsExactly("abcDEF.0.7.0", "abcDEF.0.7.1", "abcDEF.0.7.2");
        for (var copy : routed.copies()) {
            assertThat(origin(copy).kind()).isEqualTo(Origin.Kind.SPLIT);
            assertThat(origin(copy).first()).isEqualTo(TOPIC.lane(0).position(7));
            assertThat(origin(copy).expiry()).isEqualTo(WRITTEN.plus(Duration.ofDays(3)));
            assertThat(new String(copy.value(), StandardCharsets.UTF_8))
                    .doesNotContain("chat_token")
                    .doesNotContain(LaneWorld.TOKEN);
            assertThat(
                            PROOF.verify(
                                    copy.headers().lastHeader(Proof.HEADER).value(),
                                    copy.headers().lastHeader(Origin.HEADER).value(),
                                    copy.key(),
                                    copy.value()))
                    .isTrue();
        }
    }

    @Test
    void recordInAnothersLane_isRepublishedIntoItsOwn_andKeepsItsPlainName() {
        var routed = route(7, envelope(target(BOB, "b", "")));

        assertThat(routed.entry()).isNull();
        assertThat(routed.copies()).hasSize(1);
        assertThat(routed.copies().getFirst().partition()).isEqualTo(1);
        assertThat(origin(routed.copies().getFirst()).eventId()).isEqualTo("abcDEF.0.7");
    }

    @Test
    void splitCopy_isAnEntryBehindTheFenceOfItsOrigin() {
        var copy =
                route(7, envelope(target(ADA, "a", ",\"id\":\"x\""), target(BOB, "b", "")))
                        .copies()
                        .getFirst();

        var entry = route(9, copy).entry();

        assertThat(entry.origin()).isEqualTo(new Append.OriginFence("abcDEF.0", 7, 0));
        assertThat(entry.eventId()).isEqualTo("x");
        assertThat(entry.ids()).containsExactly("helpdesk|" + ADA + "|x");
        assertThat(entry.expiry()).isEqualTo(WRITTEN.plus(Duration.ofDays(3)).toEpochMilli());
    }

    @Test
    void badTarget_besideGoodOnes_isALetterOfItsOwn() {
        var routed =
                route(
                        7,
                        envelope(
                                target(ADA, "a", ""),
                                "{\"uuid\":\"not one!\",\"data\":1}",
                                "{\"role\":\"pilot\",\"data\":1,\"id\":\"mine\"}",
                                target(BOB, "b", "")));

        assertThat(routed.copies()).hasSize(2);
        assertThat(routed.copies())
                .extracting(copy -> origin(copy).eventId())
                .containsExactly("abcDEF.0.7.0", "abcDEF.0.7.3");
        assertThat(routed.refusals())
                .extracting(each -> each.letter().target(), each -> each.letter().error())
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple(1, ErrorCode.FIELD_IS_WRONG),
                        org.assertj.core.groups.Tuple.tuple(2, ErrorCode.ROLE_IS_UNKNOWN));
        assertThat(routed.refusals())
                .extracting(each -> each.receipt().id())
                .containsExactlyInAnyOrder("abcDEF.0.7.1", "mine");
    }

    // --- what was forwarded once is not forwarded again (ping-pong)

    @Test
    void forwardedRecord_inTheWrongLane_isADeadLetter_andNotForwardedAgain() {
        for (var kind : Origin.Kind.values()) {
            if (kind == Origin.Kind.DIRECT) {
                continue;
            }
            var copy = forwarded(kind, BOB);

            var routed = route(9, copy);

            assertThat(routed.copies()).as("%s", kind).isEmpty();
            assertThat(routed.refusals())
                    .as("%s", kind)
                    .extracting(each -> each.letter().error())
                    .containsExactly(ErrorCode.WRONG_LANE);
        }
    }

    @Test
    void frontDoorsRecord_isAFirstOne_andMayStillBeMoved() {
        var direct =
                REPUBLISHER.record(Origin.direct("helpdesk"), URL, LaneWorld.to(ADA, "a"), null);
        var elsewhere =
                REPUBLISHER.record(Origin.direct("helpdesk"), URL, LaneWorld.to(BOB, "b"), null);

        assertThat(route(9, direct).entry().eventId()).isEqualTo("abcDEF.0.9");
        assertThat(route(9, elsewhere).copies()).hasSize(1);
    }

    @Test
    void proof_bindsOriginKeyAndValue() {
        var copy = forwarded(Origin.Kind.SPLIT, ADA);
        var otherValue = copy.value().clone();
        otherValue[otherValue.length - 5] ^= 1;
        var otherOrigin = new RecordHeaders(copy.headers());
        otherOrigin.remove(Origin.HEADER);
        otherOrigin.add(Origin.HEADER, Origin.direct("helpdesk").encode());
        var noProof = new RecordHeaders(copy.headers());
        noProof.remove(Proof.HEADER);

        for (var forged :
                List.of(
                        route(9, copy.key(), otherValue, copy.headers()),
                        route(9, BOB.key(), copy.value(), copy.headers()),
                        route(9, null, copy.value(), copy.headers()),
                        route(9, copy.key(), copy.value(), otherOrigin),
                        route(9, copy.key(), copy.value(), noProof))) {
            assertThat(forged.entry()).isNull();
            assertThat(forged.refusals())
                    .extracting(each -> each.letter().error())
                    .containsExactly(ErrorCode.PROOF_IS_WRONG);
        }
    }

    // --- delay

    @Test
    void deliverAt_isADelay_andTheTtlCountsFromIt() {
        var due = WRITTEN.plus(Duration.ofHours(1));

        var entry =
                route(
                                7,
                                envelope(
                                        target(
                                                ADA,
                                                "later",
                                                ",\"ttl\":60,\"id\":\"x\",\"deliver_at\":\""
                                                        + due
                                                        + "\"")))
                        .entry();

        assertThat(entry.verdict()).isEqualTo(new Verdict.Delay(due.toEpochMilli()));
        assertThat(entry.expiry()).isEqualTo(due.plusSeconds(60).toEpochMilli());
        assertThat(entry.ids()).containsExactly("helpdesk|" + ADA + "|x");
    }

    @Test
    void deliverAt_inThePast_isNoDelay_whoeverReadsItLater() {
        var entry =
                route(7, envelope(target(ADA, "now", ",\"deliver_at\":\"" + WRITTEN + "\"")))
                        .entry();

        assertThat(entry.verdict()).isInstanceOf(Verdict.Store.class);
    }

    @Test
    void deliverAt_moreThanADayAhead_isRefused() {
        var routed =
                route(
                        7,
                        envelope(
                                target(
                                        ADA,
                                        "x",
                                        ",\"deliver_at\":\""
                                                + WRITTEN.plus(Duration.ofHours(24)).plusSeconds(1)
                                                + "\"")));

        assertThat(routed.entry().verdict()).isInstanceOf(Verdict.Pass.class);
        assertThat(routed.refusals().getFirst().letter().error())
                .isEqualTo(ErrorCode.FIELD_IS_WRONG);
        assertThat(routed.refusals().getFirst().letter().detail()).contains("/data/0/deliver_at");
    }

    @Test
    void dueCopy_endsItsOriginalsDelay_andIsKnownByItsCoordinates_notByTheProducersId() {
        var due = WRITTEN.plus(Duration.ofHours(1));
        var original =
                record(
                        7,
                        null,
                        envelope(
                                target(
                                        ADA,
                                        "later",
                                        ",\"id\":\"x\",\"deliver_at\":\"" + due + "\"")),
                        new RecordHeaders());

        var entry = route(9, router.due(original, apps)).entry();

        assertThat(entry.verdict()).isInstanceOf(Verdict.Store.class);
        assertThat(entry.eventId()).isEqualTo("x");
        assertThat(entry.releases()).isEqualTo(7);
        assertThat(entry.ids()).containsExactly("abcDEF.0.7.0");
        assertThat(entry.expiry()).isEqualTo(due.plus(Duration.ofDays(3)).toEpochMilli());
    }

    @Test
    void dueCopy_ofAnAppBlockedMeanwhile_isADeadLetter_andStillEndsTheDelay() {
        var original =
                record(
                        7,
                        null,
                        envelope(
                                target(
                                        ADA,
                                        "later",
                                        ",\"deliver_at\":\"" + WRITTEN.plusSeconds(9) + "\"")),
                        new RecordHeaders());
        apps = LaneWorld.apps(Apps.Status.BLOCKED, ReceiptLevel.ALL, null);

        var routed = route(9, router.due(original, apps));

        assertThat(routed.refusals().getFirst().letter().error())
                .isEqualTo(ErrorCode.PRODUCER_IS_BLOCKED);
        assertThat(routed.entry().verdict()).isInstanceOf(Verdict.Pass.class);
        assertThat(routed.entry().releases()).isEqualTo(7);
    }

    @Test
    void dueCopy_ofATokenThatIsUnknownMeanwhile_isADeadLetter_andStillEndsTheDelay() {
        var original =
                record(
                        7,
                        null,
                        envelope(
                                target(
                                        ADA,
                                        "later",
                                        ",\"deliver_at\":\"" + WRITTEN.plusSeconds(9) + "\"")),
                        new RecordHeaders());
        apps = new Apps(java.util.Map.of(), apps.routes());

        var copy = router.due(original, apps);
        var routed = route(9, copy);

        assertThat(copy.partition()).isZero();
        assertThat(routed.refusals()).hasSize(1);
        assertThat(routed.entry().releases()).isEqualTo(7);
    }

    @Test
    void delayedSplitCopy_isReleasedByItsOwnCoordinates() {
        var due = WRITTEN.plus(Duration.ofHours(1));
        var multi =
                envelope(target(ADA, "a", ",\"deliver_at\":\"" + due + "\""), target(BOB, "b", ""));
        var split = route(3, multi).copies().getFirst();
        var delayed = record(7, split.key(), split.value(), split.headers());

        assertThat(router.route(delayed, apps, 0).entry().verdict())
                .isEqualTo(new Verdict.Delay(due.toEpochMilli()));
        var entry = route(9, router.due(delayed, apps)).entry();
        assertThat(entry.releases()).isEqualTo(7);
        assertThat(entry.eventId()).isEqualTo("abcDEF.0.3.0");
        assertThat(entry.origin()).isNull();
        assertThat(entry.expiry()).isEqualTo(due.plus(Duration.ofDays(3)).toEpochMilli());
    }

    // --- redelivery and re-drive

    @Test
    void redelivered_hasANewTtl_itsOldName_andAKeyOfItsOwn() {
        var now = WRITTEN.plus(Duration.ofDays(9));
        var original =
                record(7, null, envelope(target(ADA, "a", ",\"id\":\"x\"")), new RecordHeaders());

        var entry = route(9, router.again(original, apps, "r1", now)).entry();

        assertThat(entry.eventId()).isEqualTo("x");
        assertThat(entry.ids()).containsExactly(ADA + "|x|r1");
        assertThat(entry.origin()).isNull();
        assertThat(entry.expiry()).isEqualTo(now.plus(Duration.ofDays(3)).toEpochMilli());
        assertThat(new String(entry.frame(), StandardCharsets.UTF_8))
                .contains("\"redelivered\":\"r1\"");
    }

    @Test
    void whatHasItsCopiesInTheLog_isNotRedelivered_norARedelivery_norWhatIsBad() {
        var now = WRITTEN.plus(Duration.ofDays(9));
        var plain = record(7, null, envelope(target(ADA, "a", "")), new RecordHeaders());
        var once = router.again(plain, apps, "r1", now);

        assertThat(again(envelope(target(ADA, "a", ""), target(BOB, "b", "")))).isNull();
        assertThat(again(envelope(target(BOB, "b", "")))).isNull();
        assertThat(
                        again(
                                envelope(
                                        target(
                                                ADA,
                                                "a",
                                                ",\"deliver_at\":\""
                                                        + WRITTEN.plusSeconds(5)
                                                        + "\""))))
                .isNull();
        assertThat(again("{".getBytes(StandardCharsets.UTF_8))).isNull();
        assertThat(
                        router.again(
                                record(9, once.key(), once.value(), once.headers()),
                                apps,
                                "r2",
                                now))
                .isNull();
    }

    @Test
    void redriven_isRememberedAsLongAsLettersAre() {
        var entry = route(9, forwarded(Origin.Kind.REDRIVEN, ADA)).entry();

        assertThat(entry.letterIds()).containsExactly("abcDEF.1.5.2");
        assertThat(entry.ids()).isEmpty();
    }

    // --- what is refused

    @Test
    void everyReason_isNamed_andTheTokenIsShownToNobody() {
        var unknownUrl =
                new String(envelope(target(ADA, "a", "")), StandardCharsets.UTF_8)
                        .replace(URL, "/nowhere");
        var wrongToken =
                new String(envelope(target(ADA, "a", "")), StandardCharsets.UTF_8)
                        .replace(LaneWorld.TOKEN, "guess");

        assertThat(error(null)).isEqualTo(ErrorCode.ENVELOPE_IS_NOT_JSON);
        assertThat(error("nonsense".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ErrorCode.ENVELOPE_IS_NOT_JSON);
        assertThat(error("{\"url\":\"/x\"}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ErrorCode.FIELD_IS_WRONG);
        assertThat(error(unknownUrl.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ErrorCode.URL_IS_UNKNOWN);
        assertThat(error(wrongToken.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(ErrorCode.CHAT_TOKEN_IS_REFUSED);
        assertThat(error(envelope("{\"role\":\"pilot\",\"data\":1}")))
                .isEqualTo(ErrorCode.ROLE_IS_UNKNOWN);
        var letter =
                route(7, unknownUrl.getBytes(StandardCharsets.UTF_8))
                        .refusals()
                        .getFirst()
                        .letter();
        assertThat(new String(letter.raw(), StandardCharsets.UTF_8))
                .contains("***")
                .doesNotContain(LaneWorld.TOKEN);
        assertThat(letter.app()).isEqualTo("helpdesk");
        assertThat(letter.target()).isEqualTo(Problem.WHOLE);
        apps = LaneWorld.apps(Apps.Status.BLOCKED, ReceiptLevel.ALL, null);
        assertThat(error(envelope(target(ADA, "a", "")))).isEqualTo(ErrorCode.PRODUCER_IS_BLOCKED);
    }

    @Test
    void refusal_isReceipted_unlessTheRouteWantsNone() {
        var bad = envelope("{\"role\":\"pilot\",\"data\":1}");

        assertThat(route(7, bad).refusals().getFirst().receipt().kind())
                .isEqualTo(Receipt.Kind.REJECTED);
        apps = LaneWorld.apps(Apps.Status.ACTIVE, ReceiptLevel.NONE, null);
        assertThat(route(7, bad).refusals().getFirst().receipt()).isNull();
    }

    @Test
    void stranger_cannotSayRejected_ofAnEventThatIsNotTheirs() {
        var value =
                new String(envelope(target(ADA, "a", ",\"id\":\"theirs\"")), StandardCharsets.UTF_8)
                        .replace(LaneWorld.TOKEN, "guess");

        assertThat(
                        route(7, value.getBytes(StandardCharsets.UTF_8))
                                .refusals()
                                .getFirst()
                                .receipt()
                                .id())
                .isEqualTo("abcDEF.0.7");
    }

    @Test
    void refusedRecord_travelsThroughTheShard_sinceAnotherDispatcherMayHaveStoredIt() {
        var entry = route(7, envelope("{\"role\":\"pilot\",\"data\":1}"));
        apps = LaneWorld.apps(Apps.Status.BLOCKED, ReceiptLevel.ALL, null);

        assertThat(route(7, envelope(target(ADA, "a", ""))).entry().verdict())
                .isInstanceOf(Verdict.Pass.class);
        assertThat(entry.entry() == null || entry.entry().verdict() instanceof Verdict.Pass)
                .isTrue();
    }

    @Test
    void lettersOfALargeRecord_keepOnlyItsCoordinates() {
        var bad = "{\"uuid\":\"not one!\",\"data\":\"%s\"}".formatted("x".repeat(50_000));
        var many = java.util.Collections.nCopies(20, bad).toArray(String[]::new);

        var routed = route(7, envelope(many));

        assertThat(routed.refusals()).hasSize(20);
        assertThat(routed.refusals()).allMatch(each -> each.letter().raw() == null);
    }

    // --- an operator's skip

    @Test
    void skippedRecord_isDropped_andItsCopiesAreNotMade() {
        var single =
                router.route(
                        record(7, null, envelope(target(ADA, "a", "")), new RecordHeaders()),
                        apps,
                        8);
        var several =
                router.route(
                        record(
                                7,
                                null,
                                envelope(target(ADA, "a", ""), target(BOB, "b", "")),
                                new RecordHeaders()),
                        apps,
                        8);
        var after =
                router.route(
                        record(8, null, envelope(target(ADA, "a", "")), new RecordHeaders()),
                        apps,
                        8);

        assertThat(single.entry().verdict()).isInstanceOf(Verdict.Drop.class);
        assertThat(several.copies()).isEmpty();
        assertThat(several.dropped())
                .extracting(Receipt::kind)
                .containsOnly(Receipt.Kind.DROPPED)
                .hasSize(2);
        assertThat(after.entry().verdict()).isInstanceOf(Verdict.Store.class);
    }

    private ErrorCode error(byte[] value) {
        var routed = route(7, value);
        assertThat(routed.copies()).isEmpty();
        return routed.refusals().getFirst().letter().error();
    }

    private ProducerRecord<byte[], byte[]> again(byte[] value) {
        return router.again(record(7, null, value, new RecordHeaders()), apps, "r1", WRITTEN);
    }

    private static ProducerRecord<byte[], byte[]> forwarded(Origin.Kind kind, Address.Agent to) {
        var redelivery = kind == Origin.Kind.REDELIVERED ? "r1" : null;
        var origin =
                new Origin(
                        kind,
                        "helpdesk",
                        TOPIC.lane(1).position(5),
                        2,
                        "e1",
                        WRITTEN.plusSeconds(60),
                        redelivery);
        return REPUBLISHER.record(origin, URL, LaneWorld.to(to, "x"), null);
    }

    private static Origin origin(ProducerRecord<byte[], byte[]> copy) {
        return Origin.decode(copy.headers().lastHeader(Origin.HEADER).value());
    }

    private Routed route(long offset, byte[] value) {
        return route(offset, null, value, new RecordHeaders());
    }

    private Routed route(long offset, ProducerRecord<byte[], byte[]> copy) {
        return route(offset, copy.key(), copy.value(), copy.headers());
    }

    private Routed route(long offset, byte[] key, byte[] value, Headers headers) {
        return router.route(record(offset, key, value, headers), apps, 0);
    }

    private static LogRecord record(long offset, byte[] key, byte[] value, Headers headers) {
        return new LogRecord(offset, WRITTEN.toEpochMilli(), key, value, headers);
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
