package io.switchboard.dispatcher.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.InboxAway;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Republisher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/// Crashes, takeovers, a Redis that forgets, retention, operators.
class LaneRecoveryTest {
    private static final Duration BEAT = Duration.ofMillis(1_100);
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 1);

    private LaneWorld world = new LaneWorld();
    private final Address.Agent ada = LaneWorld.agentIn(0);
    private final Address.Agent ann = LaneWorld.agentIn(0, 1);
    private final Address.Agent bob = LaneWorld.agentIn(1);

    // --- a dispatcher dies

    @Test
    void successor_hintsAgain_whatWasStoredAndNotCommitted() {
        var host = world.start(0);
        world.attach(ada, EDGE);
        world.pass(BEAT);
        world.send(ada, "a");
        world.settle();
        host.crash();

        world.start(0);

        assertThat(world.texts(ada)).containsExactly("a");
        assertThat(world.hints).hasSize(2);
        assertThat(world.hints.get(1).offset()).isEqualTo(world.hints.get(0).offset());
        assertThat(world.hints.get(1).prev()).isEqualTo(world.hints.get(0).prev());
        assertThat(world.hints.get(1).frame()).isEqualTo(world.hints.get(0).frame());
    }

    @Test
    void copiesThatAreWrittenAgain_areRecognised() {
        var host = world.start(0);
        world.start(1);
        world.attach(bob, EDGE);
        world.produce(
                0,
                LaneWorld.envelope(LaneWorld.target(ada, "a", ""), LaneWorld.target(bob, "b", "")));
        world.settle();
        host.crash();

        world.start(0);

        assertThat(world.copies(1)).hasSize(2);
        assertThat(world.texts(ada)).containsExactly("a");
        assertThat(world.texts(bob)).containsExactly("b");
        assertThat(world.hints).hasSize(1);
    }

    @Test
    void nothingBelowTheCommit_isWrittenAgain() {
        var host = world.start(0);
        world.start(1);
        world.produce(
                0,
                LaneWorld.envelope(LaneWorld.target(ada, "a", ""), LaneWorld.target(bob, "b", "")));
        world.produce(0, "nonsense".getBytes(StandardCharsets.UTF_8));
        world.pass(BEAT.multipliedBy(2));
        host.crash();
        world.inbox.flush();

        world.start(0);
        world.pass(BEAT.multipliedBy(3));

        assertThat(world.copies(1)).hasSize(1);
        assertThat(world.letters).hasSize(1);
        assertThat(world.texts(ada)).containsExactly("a");
        assertThat(world.texts(bob)).containsExactly("b");
    }

    @Test
    void frozenDispatcher_thatWakesUp_doesNoHarm() {
        var zombie = world.start(0);
        world.attach(ada, EDGE);
        world.send(ada, "a");
        world.settle();
        zombie.frozen = true;
        world.send(ada, "b");

        world.start(0);
        world.send(ada, "c");
        world.settle();
        zombie.frozen = false;
        world.pass(BEAT);

        assertThat(world.texts(ada)).containsExactly("a", "b", "c");
    }

    @Test
    void answers_toAnEndedAssignment_areIgnored() {
        var host = world.start(0);
        world.pass(BEAT);
        int commits = world.committed.size();
        world.send(ada, "a");
        host.turn();
        host.lane.stop();

        world.settle();
        world.pass(BEAT.multipliedBy(2));

        assertThat(world.committed).hasSize(commits);
        assertThat(host.lane.toCommit()).isNull();
    }

    @Test
    void lateBatch_onAnEmptiedShard_storesNothing_butRebuilds() {
        world.start(0);
        world.send(ada, "a");
        world.settle();
        world.send(ada, "b");
        world.inbox.flush();

        world.settle();
        world.pass(BEAT);

        assertThat(world.texts(ada)).containsExactly("a", "b");
        assertThat(world.counters.value(DispatcherCounter.LANES_REBUILT)).isEqualTo(2);
    }

    // --- Redis forgets

    @Test
    void idleLane_noticesWithinABeat_thatItsShardWasEmptied() {
        world.start(0);
        world.send(ada, "a");
        world.pass(BEAT.multipliedBy(2));

        world.inbox.flush();
        world.pass(BEAT);

        assertThat(world.texts(ada)).containsExactly("a");
    }

    @Test
    void emptiedShard_showsNothingTwice_andForgetsNothing() {
        world.start(0);
        long first = world.send(ada, "read");
        world.send(ada, "unread");
        world.send(ann, "hers");
        world.settle();
        world.ack(ada, first);
        world.pass(BEAT.multipliedBy(3));

        world.inbox.flush();
        world.pass(BEAT.multipliedBy(2));

        var fresh =
                LaneWorld.done(
                        world.inbox.attach(
                                new Inbox.Attach(
                                        LaneWorld.TOPIC.lane(0), ada, null, EDGE, 1, null, 10)));
        assertThat(fresh.ready()).isTrue();
        assertThat(fresh.from()).isEqualTo(first);
        assertThat(fresh.entries()).hasSize(1);
        assertThat(world.texts(ann)).containsExactly("hers");
    }

    /// The parts after would otherwise be taken for all: what is settled would be open again.
    @Test
    void shardThatIsEmptiedInTheMiddleOfARebuild_isRebuiltFromTheBeginning() {
        for (int lost = 2; lost <= 3; lost++) {
            world = new LaneWorld();
            world.start(0);
            long last = 0;
            for (int i = 0; i < 4; i++) {
                last = world.send(LaneWorld.agentIn(0, i), "read");
            }
            world.settle();
            for (int i = 0; i <= last; i++) {
                world.ack(LaneWorld.agentIn(0, i), i);
                world.pass(BEAT.multipliedBy(2));
            }
            int emptied = lost;
            var parts = new AtomicInteger();
            world.beforeRestore =
                    () -> {
                        if (parts.incrementAndGet() == emptied) {
                            world.inbox.flush();
                        }
                    };

            world.inbox.flush();
            world.pass(BEAT.multipliedBy(3));

            assertThat(parts).as("a second rebuild").hasValueGreaterThan(3);
            for (int i = 0; i <= last; i++) {
                assertThat(world.feed(LaneWorld.agentIn(0, i)).standing().acked()).isEqualTo(i);
            }
        }
    }

    @Test
    void rolledBackShard_isFilledFromItsFence() {
        world.start(0);
        world.send(ada, "a");
        world.settle();
        var old = world.inbox.snapshot();
        world.send(ada, "b");
        world.send(ada, "c");
        world.pass(BEAT.multipliedBy(2));
        long committed = world.commits.get(0).offset();

        world.inbox.rollBack(old);
        world.pass(BEAT);

        assertThat(world.texts(ada)).containsExactly("a", "b", "c");
        assertThat(world.counters.value(DispatcherCounter.LANES_BEHIND)).isEqualTo(1);
        assertThat(world.commits.get(0).offset()).isGreaterThanOrEqualTo(committed);
    }

    @Test
    void rolledBackShard_doesNotMakeCopiesAgain() {
        world.start(0);
        world.start(1);
        var old = world.inbox.snapshot();
        world.produce(0, LaneWorld.envelope(LaneWorld.target(bob, "b", "")));
        world.pass(BEAT.multipliedBy(2));

        world.inbox.rollBack(old);
        world.pass(BEAT.multipliedBy(2));

        assertThat(world.copies(1)).hasSize(1);
        assertThat(world.texts(bob)).containsExactly("b");
    }

    @Test
    void acksThatWereRolledBack_onAnIdleLane_areAppliedFromTheTopic() {
        world.start(0);
        long offset = world.send(ada, "a");
        world.pass(BEAT.multipliedBy(2));
        var old = world.inbox.snapshot();
        world.ack(ada, offset);
        world.pass(BEAT.multipliedBy(2));

        world.inbox.rollBack(old);
        assertThat(world.feed(ada).standing().acked()).isEqualTo(-1);
        world.pass(BEAT);

        assertThat(world.feed(ada).standing().acked()).isEqualTo(offset);
        assertThat(world.counters.value(DispatcherCounter.ACKS_BEHIND)).isEqualTo(1);
    }

    @Test
    void appendThatOvertakesASettlement_isNotHeldUp_andARollbackBehindItIsFound() {
        world.start(0);
        long offset = world.send(ada, "a");
        world.pass(BEAT.multipliedBy(2));
        var old = world.inbox.snapshot();
        world.inboxHoldsSettlements = true;
        world.ack(ada, offset);
        world.pass(BEAT.multipliedBy(2));

        world.send(ada, "b");
        world.settle();

        assertThat(world.texts(ada)).contains("b");
        assertThat(world.counters.value(DispatcherCounter.ACKS_BEHIND)).isZero();

        world.releaseSettlements();
        world.inbox.rollBack(old);
        assertThat(world.feed(ada).standing().acked()).isEqualTo(-1);
        world.pass(BEAT.multipliedBy(2));

        assertThat(world.feed(ada).standing().acked()).isEqualTo(offset);
        assertThat(world.counters.value(DispatcherCounter.ACKS_BEHIND)).isEqualTo(1);
    }

    @Test
    void dedupeKeys_outliveAnEmptiedShard() {
        world.start(0);
        world.start(1);
        long first = world.send(ada, "once", ",\"id\":\"x\"");
        world.produce(1, LaneWorld.envelope(LaneWorld.target(ada, "copy", "")));
        world.settle();
        var copy = world.log.get(0).getLast();
        world.ack(ada, world.log.get(0).size() - 1);
        world.pass(BEAT.multipliedBy(3));
        assertThat(world.committed.stream().filter(each -> each.offset() == 2).findFirst())
                .isPresent();
        assertThat(first).isZero();

        world.inbox.flush();
        world.pass(BEAT.multipliedBy(2));
        world.send(ada, "once", ",\"id\":\"x\"");
        world.produce(0, copy.key(), copy.value(), copy.headers());
        world.pass(BEAT);

        assertThat(world.texts(ada)).isEmpty();
        assertThat(world.counters.value(DispatcherCounter.EVENTS_REPEATED)).isEqualTo(2);
    }

    @Test
    void letterThatWasRedriven_isKnown_afterTheDedupeWindow_andAnEmptiedShard() {
        world.start(0);
        var letter = LaneWorld.TOPIC.lane(0).position(0);
        world.send(ada, "another");
        world.produce(redriven(letter, "mended"));
        world.settle();
        world.ack(ada, 1);
        world.pass(Inbox.DEDUPE_WINDOW.multipliedBy(3));
        world.send(ada, "later");
        world.settle();
        world.ack(ada, 2);
        world.pass(BEAT.multipliedBy(3));
        long stored = world.counters.value(DispatcherCounter.EVENTS_STORED);

        world.inbox.flush();
        world.pass(BEAT.multipliedBy(2));
        world.produce(redriven(letter, "mended once more"));
        world.pass(BEAT);

        assertThat(world.texts(ada)).isEmpty();
        assertThat(world.counters.value(DispatcherCounter.EVENTS_STORED)).isEqualTo(stored);
        assertThat(world.counters.value(DispatcherCounter.EVENTS_REPEATED)).isOne();
    }

    private ProducerRecord<byte[], byte[]> redriven(Position letter, String text) {
        return new Republisher(LaneWorld.TOPIC.name(), LaneWorld.LANES, LaneWorld.PROOF)
                .record(
                        new Origin(
                                Origin.Kind.REDRIVEN,
                                "helpdesk",
                                letter,
                                0,
                                "e1",
                                world.clock.instant().plus(Duration.ofDays(3)),
                                null),
                        LaneWorld.URL,
                        LaneWorld.to(ada, text),
                        new RecordHeaders());
    }

    // --- what is acknowledged

    /// Each page of the outbox brings its positions with it, though the address's own move comes
    /// after all of its receipts.
    @Test
    void positions_followTheReceiptsOfTheirPage() {
        world.start(0);
        for (int i = 0; i < 250; i++) {
            world.send(ada, "e" + i);
        }
        world.settle();
        world.ack(ada, 249);
        var behind = new ArrayList<Long>();
        world.onReceipt =
                receipt -> {
                    if (receipt.kind() == Receipt.Kind.ACKNOWLEDGED) {
                        behind.add(receipt.position().offset() - world.ackedInTopic(ada));
                    }
                };

        world.pass(BEAT.multipliedBy(3));

        assertThat(behind).hasSize(250).allMatch(entries -> entries <= 100);
        assertThat(world.ackedInTopic(ada)).isEqualTo(249);
    }

    @Test
    void positionWhoseReceiptIsOut_isWritten_thoughTheShardIsEmptiedMeanwhile() {
        world.start(0);
        long first = world.send(ada, "a");
        world.settle();
        world.pass(BEAT);
        world.ack(ada, first);
        world.kafkaHoldsAcks = true;
        world.pass(BEAT.multipliedBy(2));
        assertThat(acknowledged()).isNotEmpty();

        world.inbox.flush();
        world.pass(BEAT.multipliedBy(2));
        world.releaseAcks();
        world.pass(BEAT.multipliedBy(2));

        assertThat(world.ackedInTopic(ada)).isEqualTo(first);
        assertThat(world.feed(ada).standing().acked()).isEqualTo(first);
    }

    private List<Receipt> acknowledged() {
        return world.receipts.stream()
                .filter(each -> each.kind() == Receipt.Kind.ACKNOWLEDGED)
                .toList();
    }

    @Test
    void caps_doNotApply_untilARebuiltLaneIsWhereItWas() {
        world.start(0);
        for (int i = 0; i < 20; i++) {
            world.send(ada, "e" + i);
        }
        world.pass(BEAT.multipliedBy(2));
        world.apps = LaneWorld.capped(5);

        world.inbox.flush();
        world.pass(BEAT);

        assertThat(world.texts(ada)).hasSize(20);
        world.send(ada, "new");
        world.settle();
        assertThat(world.texts(ada)).hasSize(5).last().isEqualTo("new");
    }

    // --- Redis or Kafka is away

    @Test
    void redisAway_isNeverADeadLetter_theLaneHolds_andRepeatsItsBatch() {
        var host = world.start(0);
        world.attach(ada, EDGE);
        world.inboxAway = new InboxAway("away", new IllegalStateException());
        world.send(ada, "a");
        world.settle();

        assertThat(host.lane.state()).isInstanceOf(LaneState.Holding.class);
        assertThat(host.isHeld()).isTrue();
        world.pass(Duration.ofSeconds(20));
        world.send(ada, "b");
        world.inboxAway = null;
        world.pass(Duration.ofSeconds(3));

        assertThat(host.lane.state()).isInstanceOf(LaneState.Running.class);
        assertThat(host.isHeld()).isFalse();
        assertThat(world.texts(ada)).containsExactly("a", "b");
        assertThat(world.hints).hasSize(2);
        assertThat(world.letters).isEmpty();
    }

    @Test
    void redisAway_atTheStart_isWaitedFor() {
        world.inboxAway = new InboxAway("away", new IllegalStateException());
        var host = world.start(0);
        world.send(ada, "a");
        world.pass(Duration.ofSeconds(10));
        assertThat(host.lane.trouble()).contains("away");

        world.inboxAway = null;
        world.pass(Duration.ofSeconds(3));

        assertThat(world.texts(ada)).containsExactly("a");
    }

    @Test
    void assignmentThatChanges_leavesAHoldingLaneHeld() {
        var host = world.start(0);
        world.inboxAway = new InboxAway("away", new IllegalStateException());
        world.send(ada, "a");
        world.settle();
        host.flow();

        host.lane.onAssignmentChanged();

        assertThat(host.isHeld()).isTrue();
    }

    // --- the acks topic

    @Test
    void zombiesSmallerPosition_isOverwritten() {
        world.start(0);
        long offset = world.send(ada, "a");
        world.settle();
        world.ack(ada, offset);
        world.pass(BEAT.multipliedBy(3));

        world.writeAck(new AckedPosition(ada, null, "abcDEF", -1, -1, -1));
        world.pass(Duration.ofSeconds(12));

        var last = world.acks.get(0).getLast();
        assertThat(AckedPosition.decode(last.key(), last.value()).acked()).isEqualTo(offset);
        assertThat(world.counters.value(DispatcherCounter.POSITIONS_OVERWRITTEN)).isEqualTo(1);
        int size = world.acks.get(0).size();
        world.pass(Duration.ofSeconds(30));
        assertThat(world.acks.get(0)).hasSize(size);
    }

    // --- retention

    @Test
    void gapThatRetentionMade_isCrossed_andSaidByTheInbox() {
        var host = world.start(0);
        world.send(ada, "a");
        world.pass(BEAT.multipliedBy(2));
        host.crash();
        for (int i = 0; i < 5; i++) {
            world.send(ada, "lost" + i);
        }
        world.send(ada, "kept");
        world.retain(0, 6);

        world.start(0);

        assertThat(world.texts(ada)).containsExactly("a", "kept");
        assertThat(world.feed(ada).standing().base()).isEqualTo(6);
        assertThat(world.counters.value(DispatcherCounter.GAPS_CROSSED)).isEqualTo(1);
    }

    @Test
    void retention_thatPassesALaneWhileItRuns_isCrossedToo() {
        world.start(0);
        world.send(ada, "a");
        world.settle();
        world.stalled = true;
        for (int i = 0; i < 5; i++) {
            world.send(ada, "lost" + i);
        }
        world.send(ada, "kept");
        world.retain(0, 6);

        world.stalled = false;
        world.settle();

        assertThat(world.texts(ada)).containsExactly("a", "kept");
    }

    @Test
    void fenceBeyondTheLog_keepsTheLaneFromStarting_untilItIsMended() {
        var host = world.start(0);
        world.send(ada, "a");
        world.settle();
        host.crash();
        var log = List.copyOf(world.log.get(0));
        world.log.get(0).clear();

        var next = world.start(0);
        assertThat(next.lane.trouble()).contains("fence is 0").contains("log ends at 0");
        world.pass(Duration.ofSeconds(11));
        assertThat(next.lane.trouble()).isNotNull();
        world.log.get(0).addAll(log);
        world.pass(Duration.ofSeconds(11));

        assertThat(next.lane.trouble()).isNull();
    }

    // --- operators

    @Test
    void resetBackwards_deliversAgain_marked_whileLiveEventsGoOn() {
        var host = world.start(0);
        world.start(1);
        world.send(ada, "a", ",\"id\":\"x\"");
        world.produce(
                0,
                LaneWorld.envelope(
                        LaneWorld.target(ada, "split", ""), LaneWorld.target(bob, "b", "")));
        world.send(
                ada, "later", ",\"deliver_at\":\"" + world.clock.instant().plusSeconds(2) + "\"");
        world.pass(Duration.ofSeconds(5));
        assertThat(world.texts(ada)).containsExactly("a", "split", "later");
        host.crash();
        world.commits.put(0, new Ports.Committed(0, ""));

        world.start(0);
        world.send(ada, "live");
        world.pass(Duration.ofSeconds(5));

        assertThat(world.texts(ada))
                .containsExactlyInAnyOrder("a", "split", "later", "live", "a", "split", "later");
        assertThat(world.copies(0).stream().filter(each -> each.kind() == Origin.Kind.REDELIVERED))
                .extracting(Origin::eventId)
                .containsExactly("x", "abcDEF.0.1.0", "abcDEF.0.2");
        assertThat(world.copies(1).stream().filter(each -> each.kind() == Origin.Kind.REDELIVERED))
                .isEmpty();
        assertThat(world.committed.getLast().redelivery()).isNull();
    }

    @Test
    void redelivery_isCommittedBeforeItBegins_andGoesAtItsRate() {
        var host = world.start(0);
        for (int i = 0; i < 50; i++) {
            world.send(ada, "e" + i);
        }
        world.pass(BEAT.multipliedBy(2));
        host.crash();
        world.commits.put(0, new Ports.Committed(0, ""));
        int before = world.committed.size();

        world.start(
                0,
                new LaneSettings(
                        Duration.ofSeconds(1), Duration.ofSeconds(10), 10, Duration.ofSeconds(2)));
        assertThat(world.copies(0)).isEmpty();
        world.pass(Duration.ofSeconds(2));

        assertThat(world.committed.get(before).redelivery()).isNotNull();
        assertThat(world.committed.get(before).redelivery().next()).isZero();
        assertThat(world.copies(0).size()).isBetween(5, 25);
        world.pass(Duration.ofSeconds(6));
        assertThat(world.copies(0)).hasSize(50);
    }

    @Test
    void redelivery_goesOnAfterACrash_neitherAnewNorTwice() {
        var host = world.start(0);
        for (int i = 0; i < 50; i++) {
            world.send(ada, "e" + i);
        }
        world.pass(BEAT.multipliedBy(2));
        world.ack(ada, 49);
        host.crash();
        world.commits.put(0, new Ports.Committed(0, ""));
        var slow =
                new LaneSettings(
                        Duration.ofSeconds(1), Duration.ofSeconds(10), 10, Duration.ofSeconds(2));

        var second = world.start(0, slow);
        world.pass(Duration.ofMillis(2_500));
        second.crash();
        world.start(0, slow);
        world.pass(Duration.ofSeconds(9));

        var copies = world.copies(0);
        assertThat(copies).extracting(Origin::redelivery).doesNotContainNull();
        assertThat(copies.stream().map(Origin::redelivery).distinct()).hasSize(1);
        assertThat(copies.size()).isBetween(50, 65);
        assertThat(world.feed(ada).entries().stream().filter(each -> each.offset() > 49))
                .hasSize(50);
        assertThat(world.committed.getLast().redelivery()).isNull();
    }

    @Test
    void skip_isReadAndStored_asDropped() {
        var host = world.start(0);
        world.send(ada, "a");
        world.pass(BEAT.multipliedBy(2));
        host.crash();
        world.send(ada, "skipped");
        world.produce(
                0,
                LaneWorld.envelope(
                        LaneWorld.target(ada, "skipped too", ""), LaneWorld.target(bob, "b", "")));
        world.send(ada, "kept");
        world.commits.put(
                0,
                new Ports.Committed(
                        1, new CommitMarker("abcDEF", 1, 1, "g", null, 3L, 0).encode()));

        world.start(0);
        world.pass(BEAT.multipliedBy(3));

        assertThat(world.texts(ada)).containsExactly("a", "kept");
        assertThat(world.receipts.stream().filter(each -> each.kind() == Receipt.Kind.DROPPED))
                .hasSize(3);
        assertThat(world.committed.getLast().skip()).isNull();
    }

    @Test
    void resetAheadOfTheFence_isNotObeyed() {
        var host = world.start(0);
        world.send(ada, "a");
        world.pass(BEAT.multipliedBy(2));
        host.crash();
        world.send(ada, "b");
        world.send(ada, "c");
        world.commits.put(0, new Ports.Committed(3, ""));

        world.start(0);
        world.pass(BEAT.multipliedBy(2));

        assertThat(world.texts(ada)).containsExactly("a", "b", "c");
        assertThat(CommitMarker.decode(world.commits.get(0).metadata())).isNotNull();
    }

    @Test
    void startWithoutItsOwnMarker_commitsAtOnce() {
        world.start(0);

        world.pass(Duration.ofMillis(200));

        assertThat(world.commits).containsKey(0);
    }
}
