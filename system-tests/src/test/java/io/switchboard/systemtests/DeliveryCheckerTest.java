package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import io.switchboard.systemtests.History.Key;
import io.switchboard.systemtests.Verdict.Kind;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Each defect is planted in a history that is otherwise faultless.
class DeliveryCheckerTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final Address.Agent BOB = new Address.Agent("desk", "bob");
    private static final Address ROLE = new Address.Role("desk", "clerk");
    private static final LaneId LANE = new LaneId("tagtag", 3);

    private long now = 1_000;
    private final History history = new History(() -> Instant.ofEpochMilli(now));

    @Test
    void faultlessHistory_isOk() {
        open("tab", ADA);
        online("tab");
        promise("e1", ADA);
        promise("e2", ADA);
        handled("tab", "e1", 10);
        now += 70;
        handled("tab", "e2", 12);

        var verdict = judge();

        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict.ok()).isTrue();
        assertThat(verdict.figures().worstLagMillis()).isEqualTo(70);
        assertThat(verdict.toJson().path("lost").asInt(-1)).isZero();
    }

    @Test
    void eventThatWasPromisedAndHandledByNobody_isLost() {
        promise("e1", ADA);

        assertFound(Kind.LOST, "e1");
    }

    @Test
    void eventThatWasNeverPromised_mayVanish() {
        produce("e1", ADA);

        assertThat(judge().ok()).isTrue();
    }

    @Test
    void eventThatAReceiptCallsExpired_isNotLost() {
        promise("e1", ADA);
        receipt("e1", Receipt.Kind.EXPIRED, 10);

        assertThat(judge().ok()).isTrue();
    }

    @Test
    void eventThatAReceiptCallsAcknowledged_butNobodyHandled_isLost() {
        promise("e1", ADA);
        receipt("e1", Receipt.Kind.ACKNOWLEDGED, 10);

        assertFound(Kind.LOST, "e1");
    }

    @Test
    void eventHandledTwiceByOnePage_isDuplicated_evenOverAReconnect() {
        open("tab", ADA);
        online("tab");
        promise("e1", ADA);
        handled("tab", "e1", 10);
        history.add(new History.Offline("tab"));
        online("tab");
        handled("tab", "e1", 10);

        assertFound(Kind.DUPLICATED, "e1");
    }

    @Test
    void redeliveredEvent_isNoDuplicate_butTwiceTheSameRedeliveryIs() {
        open("tab", ADA);
        online("tab");
        promise("e1", ADA);
        handled("tab", "e1", 10);
        handled("tab", new Key("e1", "r1"), 20);
        assertThat(judge().ok()).isTrue();

        handled("tab", new Key("e1", "r1"), 30);
        assertFound(Kind.DUPLICATED, "e1/r1");
    }

    @Test
    void eventInTwoTabs_isNoDuplicate() {
        open("tab1", ADA);
        open("tab2", ADA);
        promise("e1", ADA);
        handled("tab1", "e1", 10);
        handled("tab2", "e1", 10);

        assertThat(judge().ok()).isTrue();
    }

    @Test
    void newPage_isShownWhatAReceiptHadCalledAcknowledged_again() {
        open("tab1", ADA);
        promise("e1", ADA);
        handled("tab1", "e1", 10);
        receipt("e1", Receipt.Kind.ACKNOWLEDGED, 10);
        open("tab2", ADA);
        handled("tab2", "e1", 10);

        assertFound(Kind.AGAIN, "e1");
    }

    @Test
    void shownAgain_isExcused_whenRedisLostItsMemoryInThatMoment_orWasRolledBackSince() {
        open("tab1", ADA);
        promise("e1", ADA);
        handled("tab1", "e1", 10);
        receipt("e1", Receipt.Kind.ACKNOWLEDGED, 10);
        now += 60_000;
        history.add(new History.Struck("redis flush"));
        open("tab2", ADA);
        handled("tab2", "e1", 10);
        assertFound(Kind.AGAIN, "e1");

        history.add(new History.Struck("redis rollback"));
        assertThat(judge().ok()).isTrue();
    }

    @Test
    void eventsThatComeAgainstTheirOrder_areReordered() {
        open("tab", ADA);
        promise("e1", ADA);
        promise("e2", ADA);
        handled("tab", "e2", 12);
        handled("tab", "e1", 10);

        assertFound(Kind.REORDERED, "e1");
    }

    @Test
    void eventThatNobodySent_isAPhantom() {
        open("tab", ADA);
        handled("tab", "e1", 10);

        assertFound(Kind.PHANTOM, "e1");
    }

    @Test
    void eventThatWasSentToSomebodyElse_isAPhantom() {
        open("tab", ADA);
        open("other", BOB);
        promise("e1", BOB);
        handled("other", "e1", 10);
        handled("tab", "e1", 10);

        assertFound(Kind.PHANTOM, "e1 on tab");
    }

    @Test
    void eventThatOnePageSkipped_isASilentHoleThere() {
        open("tab1", ADA);
        open("tab2", ADA);
        for (var id : new String[] {"e1", "e2", "e3"}) {
            promise(id, ADA);
        }
        handled("tab1", "e1", 10);
        handled("tab1", "e2", 11);
        handled("tab1", "e3", 12);
        handled("tab2", "e1", 10);
        handled("tab2", "e3", 12);

        assertFound(Kind.SILENT_HOLES, "e2 at tagtag.3.11, before e3, on tab2");
    }

    @Test
    void expiredEvent_isASilentHole_unlessThePageWasTold() {
        open("tab", ADA);
        for (var id : new String[] {"e1", "e2", "e3"}) {
            promise(id, ADA);
        }
        receipt("e2", Receipt.Kind.EXPIRED, 11);
        handled("tab", "e1", 10);
        assertThat(judge().count(Kind.SILENT_HOLES)).isZero();

        told("tab", 11);
        handled("tab", "e3", 12);
        assertThat(judge().ok()).isTrue();

        open("tab2", ADA);
        handled("tab2", "e1", 10);
        handled("tab2", "e3", 12);
        assertFound(Kind.SILENT_HOLES, "e2 at tagtag.3.11, before e3, on tab2");
    }

    @Test
    void pageThatRemembersItsPosition_mustBeToldOfWhatIsMissingAfterIt() {
        open("tab", ADA);
        promise("e1", ADA);
        promise("e2", ADA);
        handled("tab", "e1", 10);
        handled("tab", "e2", 11);
        history.add(
                new History.Opened("reloaded", ADA, Set.of(), Map.of("agent", LANE.position(9))));
        handled("reloaded", "e2", 11);

        assertFound(Kind.SILENT_HOLES, "e1 at tagtag.3.10, before e2, on reloaded");
    }

    @Test
    void pageOnlineAtTheEnd_thatStillWaits_hasAnUnseenTail() {
        open("tab1", ADA);
        open("tab2", ADA);
        online("tab2");
        promise("e1", ADA);
        promise("e2", ADA);
        handled("tab1", "e1", 10);
        handled("tab1", "e2", 11);
        handled("tab2", "e1", 10);

        assertFound(Kind.UNSEEN_TAIL, "e2 at tagtag.3.11 on tab2");

        history.add(new History.Offline("tab2"));
        assertThat(judge().ok()).isTrue();
    }

    @Test
    void pageThatWasOnlineBeforeTheFirstEvent_mustSeeIt() {
        history.add(new History.Opened("tab1", ADA, Set.of("clerk"), Map.of()));
        history.add(new History.Opened("tab2", BOB, Set.of("clerk"), Map.of()));
        online("tab2");
        promise("e1", ROLE);
        history.add(new History.Handled("tab1", "role:clerk", Key.of("e1"), LANE.position(10)));

        assertFound(Kind.UNSEEN_TAIL, "e1 at tagtag.3.10 on tab2");
    }

    @Test
    void pageThatCameLater_mayStartAfterWhatWasAcknowledged() {
        open("tab1", ADA);
        promise("e1", ADA);
        handled("tab1", "e1", 10);
        open("tab2", ADA);
        online("tab2");

        assertThat(judge().ok()).isTrue();
    }

    @Test
    void pageWithoutAPosition_mayBeOutrun_afterALoss_byATabThatAcknowledged() {
        open("tab1", ADA);
        open("tab2", ADA);
        history.add(new History.Struck("redis " + History.Struck.FLUSH));
        online("tab2");
        promise("e1", ADA);
        handled("tab1", "e1", 10);
        receipt("e1", Receipt.Kind.STORED, 10);

        assertFound(Kind.UNSEEN_TAIL, "e1 at tagtag.3.10 on tab2");

        receipt("e1", Receipt.Kind.ACKNOWLEDGED, 10);
        assertThat(judge().ok()).isTrue();
    }

    @Test
    void promisedEventWithoutATerminalReceipt_isUnanswered_whereReceiptsAreAskedFor() {
        open("tab", ADA);
        promise("e1", ADA);
        handled("tab", "e1", 10);
        receipt("e1", Receipt.Kind.STORED, 10);

        assertThat(DeliveryChecker.withReceiptsOf(ADA::equals).judge(history).findings())
                .map(Verdict.Finding::kind)
                .containsExactly(Kind.UNANSWERED);
        assertThat(judge().ok()).isTrue();
    }

    @Test
    void anEventEndsOnce_unlessRedisLostSomethingMeanwhile_orItIsARedelivery() {
        open("tab", ADA);
        promise("e1", ADA);
        handled("tab", "e1", 10);
        receipt("e1", Receipt.Kind.EXPIRED, 10);
        receipt("e1", Receipt.Kind.EXPIRED, 10);
        receipt("e1", Receipt.Kind.ACKNOWLEDGED, 20);
        assertThat(judge().ok()).isTrue();

        receipt("e1", Receipt.Kind.ACKNOWLEDGED, 10);
        assertFound(Kind.TWO_ENDS, "e1");

        now += 1_000;
        history.add(new History.Struck("redis flush"));
        assertFound(Kind.TWO_ENDS, "e1");
        receipt("e1", Receipt.Kind.ACKNOWLEDGED, 10);
        assertThat(judge().ok()).isTrue();
    }

    @Test
    void topicThatWasCreatedAnew_startsANewOrder() {
        var anew = new LaneId("newtag", 3);
        open("tab", ADA);
        promise("e1", ADA);
        promise("e2", ADA);
        handled("tab", "e1", 10);
        history.add(new History.Handled("tab", "agent", Key.of("e2"), anew.position(0)));

        assertThat(judge().ok()).isTrue();
    }

    @Test
    void faultsAreCounted() {
        history.add(new History.Struck("kill edge"));
        history.add(new History.Struck("kill edge"));

        assertThat(judge().faults()).containsExactly(Map.entry("kill edge", 2));
    }

    private void open(String page, Address.Agent agent) {
        history.add(new History.Opened(page, agent, Set.of(), Map.of()));
    }

    private void online(String page) {
        history.add(new History.Online(page));
    }

    private void produce(String event, Address address) {
        history.add(new History.Produced(event, address));
    }

    private void promise(String event, Address address) {
        produce(event, address);
        history.add(new History.Promised(event));
    }

    private void handled(String page, String event, long offset) {
        handled(page, Key.of(event), offset);
    }

    private void handled(String page, Key key, long offset) {
        history.add(new History.Handled(page, "agent", key, LANE.position(offset)));
    }

    private void told(String page, long through) {
        history.add(
                new History.ToldLost(page, "agent", 1, 0, false, false, LANE.position(through)));
    }

    private void receipt(String event, Receipt.Kind kind, long offset) {
        Position position = LANE.position(offset);
        history.add(
                new History.Receipted(
                        new Receipt(
                                event,
                                kind,
                                ADA,
                                position,
                                Instant.ofEpochMilli(now),
                                null,
                                null,
                                null)));
    }

    private Verdict judge() {
        return DeliveryChecker.withoutReceipts().judge(history);
    }

    /// Exactly one finding, so that one defect is not reported as another too.
    private void assertFound(Kind kind, String what) {
        var verdict = judge();
        assertThat(verdict.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.kind()).isEqualTo(kind))
                .satisfies(finding -> assertThat(finding.what()).startsWith(what));
        assertThat(verdict.ok()).isFalse();
    }
}
