package io.switchboard.edge.delivery;

import static io.switchboard.edge.delivery.Rig.ADA;
import static io.switchboard.edge.delivery.Rig.DESK;
import static io.switchboard.edge.delivery.Rig.EDGE;
import static io.switchboard.edge.delivery.Rig.FIRST;
import static io.switchboard.edge.delivery.Rig.LANE;
import static io.switchboard.edge.delivery.Rig.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The rules of delivery, one at a time.
class DeliveryTest {
    private final Rig rig = Rig.begun();

    // --- attach

    @Test
    void whatWaits_comesAfterOnline_andThenWhatHappens() {
        rig.send(ADA, "a");
        rig.send(ADA, "b");
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "c");
        assertThat(tab.got).containsExactly("ONLINE 2", "agent:a", "agent:b", "agent:c");
    }

    @Test
    void aBrowserResumes_afterItsPosition() {
        rig.send(ADA, "a");
        rig.send(ADA, "b");
        var tab = rig.tab("t", true, Map.of("agent", at(0)));
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 2", "agent:b");
    }

    @Test
    void aHintThatArrivesBeforeTheAttachAnswer_isJudgedAfterIt() {
        rig.send(ADA, "a");
        var tab = rig.tab("t");
        rig.send(ADA, "b"); // registered already, not answered yet
        rig.send(ADA, "c");
        assertThat(tab.got).isEmpty();
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 1", "agent:a", "agent:b", "agent:c");
        assertThat(rig.calls("read")).isZero();
    }

    @Test
    void moreHintsThanAreKept_whileAttaching_areRead() {
        var tab = rig.tab("t");
        for (int i = 0; i < AddressFeed.TAIL + 5; i++) {
            rig.send(ADA, "" + i);
        }
        rig.settle();
        assertThat(tab.got).hasSize(AddressFeed.TAIL + 6).endsWith("agent:36");
        assertThat(rig.calls("read")).isEqualTo(1);
    }

    @Test
    void aLongInbox_isReadPageByPage() {
        for (int i = 0; i < 150; i++) {
            rig.send(ADA, "" + i);
        }
        var tab = rig.tab("t");
        rig.settle();
        assertThat(tab.got).hasSize(151).endsWith("agent:149");
        assertThat(rig.calls("attach")).isEqualTo(2); // and the app's
        assertThat(rig.calls("read")).isEqualTo(2);
    }

    @Test
    void secondTabs_haveTheirOwnPlace() {
        rig.send(ADA, "a");
        var one = rig.tab("1");
        rig.settle();
        var two = rig.tab("2", true, Map.of("agent", at(0)));
        rig.settle();
        rig.send(ADA, "b");
        assertThat(one.got).containsExactly("ONLINE 1", "agent:a", "agent:b");
        assertThat(two.got).containsExactly("ONLINE 1", "agent:b");
    }

    // --- hints

    @Test
    void aHintTwice_isWrittenOnce() {
        var tab = rig.tab("t");
        rig.settle();
        rig.holdHints = true;
        rig.send(ADA, "a");
        rig.delivery.onHint(rig.held.getFirst(), 0);
        rig.delivery.onHint(rig.held.getFirst(), 0);
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a");
    }

    @Test
    void aHintBeyondAGap_readsTheInbox_andIsConsumedByThat() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.sendUnheard(ADA, "b");
        rig.send(ADA, "c");
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b", "agent:c");
        assertThat(rig.calls("read")).isEqualTo(1);
    }

    @Test
    void aHintOfWhatTheShardForgot_startsOneRead_notEndlessOnes() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.delivery.onHint(new Hint(ADA, LANE, 50, 40, Long.MAX_VALUE, new byte[0]), 0);
        rig.settle();
        assertThat(rig.calls("read")).isEqualTo(1);
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a");
    }

    @Test
    void hintsInTheWrongOrder_areWrittenInTheRightOne() {
        var tab = rig.tab("t");
        rig.settle();
        rig.holdHints = true;
        rig.send(ADA, "a");
        rig.send(ADA, "b");
        rig.delivery.onHint(rig.held.get(1), 0);
        rig.delivery.onHint(rig.held.get(0), 0);
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b");
    }

    /// `prev` −1 behind a position: the shard may have been emptied in between.
    @Test
    void aFirstEntryBehindAPosition_isNotBelieved() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.memory.flush();
        rig.lane.beginAgain(9, 10); // 1 … 9 are lost, and nobody vouches for them
        rig.lane.store(ADA, "z");
        rig.delivery.onHint(
                new Hint(ADA, LANE, 10, -1, Long.MAX_VALUE, rig.lane.frame(ADA, 10, "z")), 0);
        rig.settle();
        assertThat(tab.got)
                .containsExactly("ONLINE 0", "agent:a", "LOST agent unknown through 9", "agent:z");
    }

    @Test
    void anExpiredHint_isSettledByTheInbox_notWritten() {
        var tab = rig.tab("t");
        rig.pass(Duration.ofSeconds(1)); // the first check is over
        rig.holdHints = true;
        rig.send(ADA, "a", rig.now().plusSeconds(1).toEpochMilli(), 1000);
        rig.pass(Duration.ofSeconds(2));
        tab.got.clear();
        rig.delivery.onHint(rig.held.getFirst(), 0);
        rig.settle();
        assertThat(tab.got).containsExactly("LOST agent expired 1 through 0");
        rig.holdHints = false;
        rig.send(ADA, "b");
        assertThat(tab.got).endsWith("agent:b");
    }

    @Test
    void hintsOfAnotherLifeOfTheTopic_areIgnored() {
        var tab = rig.tab("t");
        rig.settle();
        var old = new LaneId("old", 0);
        rig.delivery.onHint(new Hint(ADA, old, 0, -1, Long.MAX_VALUE, new byte[0]), 0);
        assertThat(tab.got).containsExactly("ONLINE 0");
        assertThat(rig.counted(EdgeCounter.HINTS_OF_OTHER_LANES)).isEqualTo(1);
    }

    // --- LOST

    @Test
    void aSecondTabThatIsBehind_isTold_whatWasAcknowledgedElsewhere() {
        var one = rig.tab("1");
        rig.settle();
        rig.send(ADA, "a");
        long b = rig.send(ADA, "b");
        one.ack("agent", b);
        rig.pass(Duration.ofHours(1));
        rig.memory.sweep(LANE); // acknowledged entries stay some minutes only
        rig.send(ADA, "c");
        var two = rig.tab("2", true, Map.of("agent", at(-1)));
        rig.settle();
        assertThat(two.got.getFirst()).isEqualTo("ONLINE 1");
        assertThat(two.got).endsWith("agent:c");
        assertThat(two.got.get(1))
                .isIn("agent:a", "LOST agent elsewhere through 1"); // as the inbox kept it
    }

    @Test
    void overflow_isTold() {
        for (int i = 0; i < 5; i++) {
            rig.send(ADA, "" + i, Long.MAX_VALUE, 2);
        }
        var tab = rig.tab("t");
        rig.settle();
        assertThat(tab.got)
                .containsExactly(
                        "ONLINE 2", "LOST agent overflow 3 through 2", "agent:3", "agent:4");
    }

    @Test
    void aPositionOfAnotherLifeOfTheTopic_isNotTrusted() {
        rig.send(ADA, "a");
        var tab = rig.tab("t", true, Map.of("agent", new Position("old", 0, 77)));
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 1", "LOST agent unknown through -1", "agent:a");
    }

    /// Redis lost its last second: the browser is ahead of it, and waits until it is overtaken.
    @Test
    void aPositionAheadOfTheFence_isKept() {
        rig.send(ADA, "a");
        var tab = rig.tab("t", true, Map.of("agent", at(2)));
        rig.settle();
        rig.send(ADA, "again b");
        rig.send(ADA, "again c");
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 1");
        rig.send(ADA, "d");
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 1", "agent:d");
    }

    // --- position checks

    @Test
    void whatNobodyHinted_isFoundByThePositionCheck() {
        var tab = rig.tab("t");
        rig.settle();
        rig.sendUnheard(ADA, "a");
        rig.pass(Duration.ofSeconds(11));
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a");
    }

    @Test
    void anEmptiedShard_isNoticed_andRegisteredAt_again() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.memory.flush();
        rig.lane.beginAgain(-1, 0);
        rig.lane.store(ADA, "a"); // the rebuild stores it again
        rig.pass(Duration.ofSeconds(11));
        rig.send(ADA, "b");
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b");
        assertThat(rig.counted(EdgeCounter.REGISTRATIONS_FORGOTTEN)).isEqualTo(2);
    }

    @Test
    void anyAnswerOfANewGeneration_bringsTheCheckForward() {
        var tab = rig.tab("t");
        rig.pass(Duration.ofSeconds(11)); // a check is just over
        rig.send(ADA, "a");
        rig.memory.flush();
        rig.lane.beginAgain(-1, 0);
        rig.sendUnheard(ADA, "a");
        tab.ack("agent", 0); // its answer shows it
        rig.pass(Duration.ofMillis(200));
        assertThat(rig.counted(EdgeCounter.REGISTRATIONS_FORGOTTEN)).isEqualTo(2);
        rig.send(ADA, "b");
        assertThat(tab.got).endsWith("agent:b");
    }

    @Test
    void aShardWithoutAFence_isWaitedFor() {
        var unbegun = new Rig();
        var tab = unbegun.tab("t");
        unbegun.pass(Duration.ofSeconds(3));
        assertThat(tab.got).containsExactly("ONLINE 0");
        unbegun.lane.begin();
        unbegun.send(ADA, "a");
        unbegun.pass(Duration.ofSeconds(1));
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a");
    }

    /// Where a new browser starts is not known before the shard's positions are.
    @Test
    void aClockThatIsSetBack_makesNobodyWaitLonger() {
        var unfenced = new Rig();
        var tab = unfenced.tab("t");
        unfenced.settle();
        unfenced.setClockBack(Duration.ofMinutes(1));
        unfenced.lane.begin();
        unfenced.pass(Duration.ofSeconds(1));
        unfenced.sendUnheard(ADA, "a");
        unfenced.setClockBack(Duration.ofMinutes(1));
        unfenced.pass(DeliverySettings.DEFAULTS.checkEvery());
        assertThat(tab.got).endsWith("agent:a");
    }

    @Test
    void aShardWithoutAFence_givesNoPosition() {
        var unbegun = new Rig();
        var tab = unbegun.tab("t");
        unbegun.pass(Duration.ofSeconds(1));
        var acked = new AckedPosition(ADA, null, Rig.TAG, 4, 4, -1);
        unbegun.memory.restore(
                new Inbox.Restore(LANE, "", "t0", List.of(acked), List.of(), List.of(), 0));
        unbegun.lane.beginAt(4);
        unbegun.pass(Duration.ofSeconds(12));
        unbegun.send(ADA, "a");
        unbegun.settle();
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a");
    }

    // --- acks

    @Test
    void acks_areCumulative_andLoweredToWhatWasWritten() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.sendUnheard(ADA, "b");
        tab.ack("agent", 1_000);
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
    }

    @Test
    void acksOfAnotherLifeOfTheTopic_areIgnored() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.delivery.onAck(tab, Map.of("agent", new Position("old", 0, 0)));
        rig.pass(Duration.ofMillis(100));
        assertThat(rig.standing(ADA).acked()).isEqualTo(-1);
    }

    @Test
    void manyAcks_travelTogether() {
        var tab = rig.tab("t");
        rig.settle();
        for (int i = 0; i < 50; i++) {
            rig.send(ADA, "" + i);
            rig.delivery.onAck(tab, Map.of("agent", at(i)));
        }
        rig.pass(Duration.ofMillis(100));
        assertThat(rig.calls("ack")).isEqualTo(1);
        assertThat(rig.standing(ADA).acked()).isEqualTo(49);
    }

    @Test
    void anAckThatRedisForgot_isRepeated() {
        var tab = rig.tab("t");
        rig.settle();
        var before = rig.memory.snapshot();
        rig.send(ADA, "a");
        var stored = rig.memory.snapshot();
        tab.ack("agent", 0);
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
        rig.memory.rollBack(stored);
        assertThat(before).isNotNull();
        rig.pass(Duration.ofSeconds(11));
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
    }

    @Test
    void anAckOfALeftConnection_isSentStill() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.delivery.onAck(tab, Map.of("agent", at(0)));
        tab.leave();
        rig.pass(Duration.ofMillis(100));
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
    }

    @Test
    void aRolesMember_movesItsOwnCursor() {
        rig.send(FIRST, "r");
        var tab = rig.tab("t", "first");
        rig.settle();
        assertThat(tab.take()).contains("role:first:r");
        tab.ack("role:first", 0);
        tab.leave();
        var again = rig.tab("u", "first");
        rig.settle();
        assertThat(again.got).containsExactly("ONLINE 0");
    }

    // --- old clients

    @Test
    void anOldClient_acknowledgesByThePong_ofAPingSentAfterTheFrame() {
        var tab = rig.tab("t", false, Map.of());
        rig.settle();
        rig.send(ADA, "a");
        rig.pass(Duration.ofSeconds(1));
        assertThat(tab.pings).hasSize(1);
        rig.send(ADA, "b"); // after the PING: its PONG proves nothing about it
        rig.delivery.onPong(tab, tab.pings.getFirst() + 1);
        rig.pass(Duration.ofMillis(50));
        assertThat(rig.standing(ADA).acked()).isEqualTo(-1); // not one of ours
        rig.delivery.onPong(tab, tab.pings.getFirst());
        rig.pass(Duration.ofMillis(50));
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
    }

    @Test
    void itsFirstAck_makesItExplicit() {
        var tab = rig.tab("t", false, Map.of());
        rig.settle();
        rig.send(ADA, "a");
        rig.send(ADA, "b");
        tab.ack("agent", 0);
        rig.pass(Duration.ofSeconds(3));
        assertThat(tab.pings).isEmpty();
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
    }

    // --- slow browsers

    @Test
    void aSlowBrowser_isReadFromTheInbox_whenItIsWritableAgain() {
        var tab = rig.tab("t");
        rig.settle();
        tab.full = true;
        rig.send(ADA, "a");
        rig.send(ADA, "b");
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 0");
        assertThat(rig.calls("read")).isZero();
        tab.drainSocket();
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b");
        rig.send(ADA, "c");
        assertThat(tab.got).endsWith("agent:c");
    }

    @Test
    void aBrowserThatStaysUnwritable_isClosed_andOthersAreNot() {
        var slow = rig.tab("slow");
        var quick = rig.tab("quick");
        rig.settle();
        slow.full = true;
        rig.send(ADA, "a");
        rig.pass(Duration.ofSeconds(29));
        assertThat(slow.closed).isNull();
        rig.pass(Duration.ofSeconds(3));
        assertThat(slow.closed).isEqualTo(CloseCode.STALLED);
        assertThat(quick.closed).isNull();
        assertThat(quick.got).endsWith("agent:a");
    }

    @Test
    void aWakeUpThatGotLost_isMadeGoodWithinASecond() {
        var tab = rig.tab("t");
        rig.pass(Duration.ofSeconds(1)); // the first check is over
        tab.full = true;
        rig.send(ADA, "a");
        tab.full = false;
        rig.pass(Duration.ofMillis(1_100));
        assertThat(tab.got).endsWith("agent:a");
    }

    // --- Redis away

    @Test
    void whileTheInboxIsAway_whatIsProvenGoesOn_andGapsWait() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.away = true;
        rig.send(ADA, "b"); // contiguous: its hint suffices
        rig.sendUnheard(ADA, "c");
        rig.send(ADA, "d");
        rig.pass(Duration.ofSeconds(5));
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b");
        assertThat(rig.delivery.isInboxAway()).isTrue();
        rig.away = false;
        rig.pass(Duration.ofSeconds(3));
        assertThat(tab.got).containsExactly("ONLINE 0", "agent:a", "agent:b", "agent:c", "agent:d");
        assertThat(rig.delivery.isInboxAway()).isFalse();
    }

    @Test
    void aBrowserThatCannotBeAttached_isTold_toComeBack() {
        rig.away = true;
        var tab = rig.tab("t");
        rig.pass(Duration.ofSeconds(12));
        assertThat(tab.closed).isEqualTo(CloseCode.INBOX_AWAY);
    }

    @Test
    void anAckWaits_untilTheInboxIsBack() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        rig.away = true;
        tab.ack("agent", 0);
        tab.leave(); // nobody is left who would repeat it
        rig.pass(Duration.ofSeconds(3));
        rig.away = false;
        rig.pass(Duration.ofSeconds(3));
        assertThat(rig.standing(ADA).acked()).isEqualTo(0);
    }

    // --- registrations

    @Test
    void theLastListenersEnd_endsTheRegistration_andOnlyThat() {
        var one = rig.tab("1");
        var two = rig.tab("2");
        rig.settle();
        one.leave();
        rig.send(ADA, "a");
        assertThat(two.got).endsWith("agent:a");
        two.leave();
        assertThat(rig.lane.store(ADA, "b")).isEmpty();
        assertThat(rig.presence).containsExactly("ada 1", "ada 2", "ada 1", "ada 0");
    }

    /// The old registration's end may arrive after the new one's beginning.
    @Test
    void whoComesBackAtOnce_isRegisteredByALargerNumber() {
        rig.tab("1").leave();
        rig.tab("2");
        rig.settle();
        var own = rig.attaches.stream().filter(it -> it.address().equals(ADA)).toList();
        assertThat(own.getLast().registration()).isGreaterThan(own.getFirst().registration());
        rig.memory.detach(LANE, ADA, EDGE, own.getFirst().registration());
        assertThat(rig.lane.store(ADA, "a")).hasSize(1);
    }

    @Test
    void aNewIncarnation_registersEverythingAgain() {
        var tab = rig.tab("t", "first");
        rig.settle();
        rig.delivery.onIncarnation(new EdgeRef("edge", 2));
        rig.settle();
        var told = rig.lane.store(ADA, "a");
        assertThat(told).extracting(Lane.Told::edge).contains(new EdgeRef("edge", 2));
        assertThat(rig.lane.store(FIRST, "r"))
                .extracting(Lane.Told::edge)
                .contains(new EdgeRef("edge", 2));
        told.forEach(it -> rig.delivery.onHint(it.hint(), 0));
        assertThat(tab.got).endsWith("agent:a");
    }

    @Test
    void aTabThatLeavesBeforeItRegisteredForBoth_leavesThatToTheOther() {
        var one = rig.tab("1");
        var two = rig.tab("2");
        rig.settle();
        rig.away = true;
        rig.sendUnheard(ADA, "a");
        rig.pass(DeliverySettings.DEFAULTS.checkEvery());
        rig.delivery.onIncarnation(new EdgeRef("edge", 2));
        one.leave();
        rig.away = false;
        rig.pass(Duration.ofSeconds(3));
        assertThat(two.got).endsWith("agent:a");
    }

    @Test
    void whatCameWhileTheLeaseWasLost_isReadByRegisteringAgain() {
        var tab = rig.tab("t");
        rig.settle();
        rig.sendUnheard(ADA, "a");
        rig.delivery.onIncarnation(new EdgeRef("edge", 2));
        rig.settle();
        assertThat(tab.got).endsWith("agent:a");
    }

    @Test
    void aRegistrationThatWasLeftBehind_isEnded() {
        rig.memory.attach(new Inbox.Attach(LANE, ADA, null, EDGE, 0, null, 1));
        rig.send(ADA, "a");
        rig.pass(Duration.ofSeconds(6));
        rig.send(ADA, "b");
        rig.settle();
        assertThat(rig.lane.store(ADA, "c")).isEmpty();
        assertThat(rig.counted(EdgeCounter.HINTS_UNHEARD)).isEqualTo(2);
    }

    // --- roles, refresh, expiry, kick, drain

    @Test
    void otherRoles_moveItsAddresses() {
        var tab = rig.tab("t", "first");
        rig.settle();
        rig.delivery.onRefresh(tab, ADA, Set.of("second"), null);
        rig.settle();
        rig.send(FIRST, "no");
        rig.send(new Address.Role("desk", "second"), "yes");
        rig.settle();
        assertThat(tab.got).containsExactly("ONLINE 0", "role:second:yes");
    }

    @Test
    void aTokenOfSomebodyElse_closes() {
        var tab = rig.tab("t");
        rig.settle();
        rig.delivery.onRefresh(tab, new Address.Agent("desk", "bob"), Set.of(), null);
        assertThat(tab.closed).isEqualTo(CloseCode.WRONG_AGENT);
    }

    @Test
    void aToken_endsDuringTheConnection_unlessRefreshed() {
        var tab = rig.tab("t");
        rig.settle();
        rig.delivery.onRefresh(tab, ADA, Set.of(), rig.now().plusSeconds(5));
        rig.pass(Duration.ofSeconds(4));
        rig.delivery.onRefresh(tab, ADA, Set.of(), rig.now().plusSeconds(5));
        rig.pass(Duration.ofSeconds(4));
        assertThat(tab.closed).isNull();
        rig.pass(Duration.ofSeconds(3));
        assertThat(tab.closed).isEqualTo(CloseCode.TOKEN_EXPIRED);
    }

    @Test
    void aKick_closesEveryConnectionOfTheAgent_andNobodyElses() {
        var first = rig.tab("first");
        var second = rig.tab("second");
        rig.settle();
        assertThat(rig.delivery.views(ADA))
                .extracting(ConnectionView::id, ConnectionView::state)
                .containsExactly(tuple("first", "live"), tuple("second", "live"));

        rig.delivery.kick(new Address.Agent("desk", "eve"));
        assertThat(first.closed).isNull();
        rig.delivery.kick(ADA);

        assertThat(first.closed).isEqualTo(CloseCode.KICKED);
        assertThat(second.closed).isEqualTo(CloseCode.KICKED);
        assertThat(rig.delivery.views(ADA)).isEmpty();
    }

    @Test
    void aDrain_tellsInSlices_thenCloses_andLeavesNoRegistration() {
        var tabs = new java.util.ArrayList<Rig.Tab>();
        for (int i = 0; i < 500; i++) {
            tabs.add(rig.tab("t" + i));
        }
        rig.settle();
        tabs.getFirst().ack("agent", 0);
        rig.delivery.drain();
        rig.pass(Duration.ofMillis(300));
        long told = tabs.stream().filter(it -> it.got.contains("GO_AWAY")).count();
        assertThat(told).isBetween(50L, 450L);
        rig.pass(Duration.ofSeconds(6));
        assertThat(tabs).allMatch(it -> it.closed == CloseCode.GO_AWAY);
        assertThat(rig.delivery.isDrained()).isTrue();
        assertThat(rig.lane.store(ADA, "x")).isEmpty();
        var late = rig.tab("late");
        assertThat(late.closed).isEqualTo(CloseCode.GO_AWAY);
    }

    @Test
    void whileItDrains_aBrowserThatTakesNothing_isNotReadForWithoutEnd() {
        var tab = rig.tab("t");
        rig.settle();
        rig.delivery.drain();
        rig.pass(Duration.ofMillis(100));
        tab.full = true;
        rig.send(ADA, "a");
        rig.sendUnheard(ADA, "b");
        rig.send(ADA, "c");
        rig.settle();
        assertThat(rig.calls("read")).isLessThan(3);
        tab.full = false;
        rig.send(ADA, "d");
        rig.settle();
        assertThat(tab.got)
                .containsExactly("ONLINE 0", "GO_AWAY", "agent:a", "agent:b", "agent:c", "agent:d");
    }

    @Test
    void aTopicCreatedAgain_beginsAnew_andSaysSo() {
        var tab = rig.tab("t");
        rig.settle();
        rig.send(ADA, "a");
        var again = new Lane(new LaneId("new", 0), rig.memory).begin();
        again.store(ADA, "z");
        rig.delivery.onLanes(new Lanes("new", 1));
        rig.settle();
        assertThat(tab.got)
                .containsExactly(
                        "ONLINE 0",
                        "agent:a",
                        "LOST agent unknown through -1",
                        "agent:z",
                        "LOST app unknown through -1");
    }

    @Test
    void anEventForTheApp_reachesEverybody() {
        var one = rig.tab("1");
        var two = rig.tab("2");
        rig.settle();
        rig.send(DESK, "all");
        assertThat(one.got).endsWith("app:all");
        assertThat(two.got).endsWith("app:all");
    }

    @Test
    void moreConnectionsThanOnePersonMayHave_areClosed_untilOneGoes() {
        var rig = Rig.begun();
        var tabs = new ArrayList<Rig.Tab>();
        for (int i = 0; i < Rig.SETTINGS.connectionsPerAgent(); i++) {
            tabs.add(rig.tab("t" + i));
        }
        assertThat(tabs).allMatch(each -> each.closed == null);
        assertThat(rig.tab("one more").closed).isEqualTo(CloseCode.TOO_MANY_CONNECTIONS);

        tabs.getFirst().leave();
        assertThat(rig.tab("in its place").closed).isNull();
    }

    // --- who comes online together

    @Test
    void whoComesTogether_isOnlineOnceAllHaveAnswered_andMissesNothingMeanwhile() {
        var rig = Rig.begun();
        var tab = rig.together("one", Map.of(), "first");
        int sent = 0;
        while (!rig.isSettled() && sent < 40) {
            for (var each : List.of(Rig.ADA, Rig.FIRST, Rig.DESK)) {
                rig.send(each, String.valueOf(sent));
            }
            sent++;
            rig.settleOne();
        }
        rig.settle();

        var got = tab.take();
        assertThat(got.getFirst()).startsWith("ONLINE");
        assertThat(tab.subs).containsOnlyKeys("agent", "role:first", "app");
        for (var feed : tab.subs.keySet()) {
            assertThat(got.stream().filter(it -> it.startsWith(feed + ":")))
                    .containsExactlyElementsOf(
                            java.util.stream.IntStream.range(0, sent)
                                    .mapToObj(i -> feed + ":" + i)
                                    .toList());
        }
    }

    @Test
    void whoComesTogether_isToldOfEachAddressWhetherAllIsThere() {
        var rig = Rig.begun();
        long first = rig.send(Rig.ADA, "seen");
        for (int i = 0; i < 200; i++) {
            rig.send(Rig.ADA, String.valueOf(i));
        }
        rig.send(Rig.ADA, "expired", 1, 1000);
        rig.send(Rig.ADA, "last");
        long desk = rig.send(Rig.DESK, "seen");
        rig.send(Rig.DESK, "new");

        var tab = rig.together("one", Map.of("agent", Rig.at(first), "app", Rig.at(desk)), "first");
        rig.settle();

        assertThat(tab.subs)
                .containsEntry("agent", first + " not whole")
                .containsEntry("app", desk + " whole")
                .containsEntry("role:first", "-1");
        assertThat(tab.take())
                .hasSize(1 + 200 + 2 + 1)
                .contains("agent:0", "agent:199", "agent:last", "app:new")
                .contains("LOST agent expired 1 through " + (first + 201));
        assertThat(rig.counted(EdgeCounter.EVENTS_FOUND_BY_CHECK)).isZero();
    }

    @Test
    void whoComesTogether_isNotOnline_whileOneOfItsInboxesIsAway() {
        var rig = Rig.begun();
        var tab = rig.together("one", Map.of(), "first");
        rig.away = true;
        rig.settleOne();
        rig.settle().pass(Duration.ofSeconds(5));
        assertThat(tab.take()).isEmpty();
        rig.away = false;
        rig.pass(Duration.ofSeconds(4));
        assertThat(tab.take()).first().asString().startsWith("ONLINE");
    }
}
