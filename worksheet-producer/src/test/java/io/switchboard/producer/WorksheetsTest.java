package io.switchboard.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class WorksheetsTest {
    private static final TopicPartition RECEIPTS = new TopicPartition(Topics.RECEIPTS, 0);
    private static final EventsTopic TOPIC = new EventsTopic("e", "Tag123", 8);

    private MockProducer<byte[], byte[]> producer = producer();
    private MockConsumer<byte[], byte[]> receipts = receipts();
    private long receiptOffset;

    @Test
    void eachEvent_isAKeyedRecordOfItsOwn_withTheToken() {
        try (var worksheets = open("helpdesk", "t", null)) {
            var sent =
                    worksheets.send(
                            Fixture.URL,
                            Outgoing.toAgent("a", Map.of("infos", "工单")),
                            Outgoing.toRole("boss", 1).withId("mine"));

            assertThat(sent.ids()).isNotDone();
            assertThat(producer.history())
                    .extracting(each -> new String(each.key(), StandardCharsets.UTF_8))
                    .containsExactly("agent:helpdesk/a", "role:helpdesk/boss");
            assertThat(producer.history().getFirst().value())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo(
                            "{\"url\":\"%s\",\"chat_token\":\"t\",\"data\":[{\"uuid\":\"a\",\"data\":{\"infos\":\"工单\"}}]}"
                                    .formatted(Fixture.URL));
            completeAll();
            assertThat(sent.ids().join()).hasSize(2).last().isEqualTo("mine");
            assertThat(Position.tryParse(sent.ids().join().getFirst()).tag()).isEqualTo("Tag123");
        }
    }

    @Test
    void withoutTheAppsName_recordsHaveNoKey() {
        try (var worksheets = open(null, "t", null)) {
            worksheets.send(Fixture.URL, Outgoing.toAll(1));

            assertThat(producer.history().getFirst().key()).isNull();
        }
    }

    @Test
    void withTheClustersKey_theOriginIsProven_andNoTokenTravels() {
        try (var worksheets = open("helpdesk", null, Fixture.PROOF)) {
            worksheets.send(Fixture.URL, Outgoing.toAgent("a", 1));

            var record = producer.history().getFirst();
            var origin = record.headers().lastHeader(Origin.HEADER).value();
            var proof = record.headers().lastHeader(Proof.HEADER).value();
            assertThat(Fixture.PROOF.verify(proof, origin, record.key(), record.value())).isTrue();
            assertThat(record.partition()).as("the producer's own word").isNull();
            assertThat(record.key()).isEqualTo(new Address.Agent("helpdesk", "a").key());
            assertThat(Envelope.parse(record.value()).envelope().chatToken()).isNull();
        }
    }

    @Test
    void badEvent_isNamed_andNoneIsSent() {
        try (var worksheets = open("helpdesk", "t", null)) {
            assertThatThrownBy(
                            () ->
                                    worksheets.send(
                                            Fixture.URL,
                                            Outgoing.toAgent("a", 1),
                                            Outgoing.toAgent("b", 1).withId("not ok")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("event 1: /data/0/id: \"not ok\" (expected:");
            assertThat(producer.history()).isEmpty();
        }
    }

    @Test
    void whatKafkaDidNotTake_failsIds_andAcknowledgedAsWell() {
        try (var worksheets = open("helpdesk", "t", null)) {
            var sent = worksheets.send(Fixture.URL, Outgoing.toAgent("a", 1));
            var acknowledged = sent.acknowledged();
            producer.errorNext(new TimeoutException("late"));

            assertThat(sent.ids()).isCompletedExceptionally();
            assertThat(acknowledged).isCompletedExceptionally();
        }
    }

    @Test
    void acknowledged_waitsForEveryEvent() {
        try (var worksheets = open("helpdesk", "t", null)) {
            var sent = twoSent(worksheets);
            var acknowledged = sent.acknowledged();
            awaitAssigned();

            receive("one", "a", Receipt.Kind.STORED);
            receive("one", "a", Receipt.Kind.ACKNOWLEDGED);
            receive("two", "other", Receipt.Kind.EXPIRED);
            assertThat(acknowledged).isNotDone();
            receive("two", "b", Receipt.Kind.ACKNOWLEDGED);

            await().until(acknowledged::isDone);
            assertThat(acknowledged).isCompleted();
        }
    }

    @Test
    void eventThatEndsOtherwise_failsWithItsReceipt() {
        try (var worksheets = open("helpdesk", "t", null)) {
            var acknowledged = twoSent(worksheets).acknowledged();
            awaitAssigned();

            receive("two", "b", Receipt.Kind.DROPPED);

            await().until(acknowledged::isDone);
            assertThatThrownBy(acknowledged::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            NotAcknowledged.class,
                            e -> assertThat(e.receipt().kind()).isEqualTo(Receipt.Kind.DROPPED))
                    .hasMessage("event two was dropped");
        }
    }

    @Test
    void onlyEventThatEndsOtherwise_failsAsWell() {
        for (var kind : List.of(Receipt.Kind.REJECTED, Receipt.Kind.EXPIRED)) {
            try (var worksheets = open("helpdesk", "t", null)) {
                var sent =
                        worksheets.send(Fixture.URL, Outgoing.toAgent("a", 1).withId(kind.word()));
                completeAll();
                var acknowledged = sent.acknowledged();
                awaitAssigned();

                receive(kind.word(), "a", kind);

                await().until(acknowledged::isDone);
                assertThat(acknowledged).isCompletedExceptionally();
            }
            producer = producer();
            receipts = receipts();
        }
    }

    @Test
    void noEvents_areNamed() {
        try (var worksheets = open("helpdesk", "t", null)) {
            assertThatThrownBy(() -> worksheets.send(Fixture.URL))
                    .hasMessage("events: none (expected: at least one)");
        }
    }

    @Test
    void receiptThatCameBeforeTheQuestion_isRemembered_andACallerThatGivesUpIsForgotten() {
        var endings = new Endings();
        endings.onReceipt(receipt("one", "a", Receipt.Kind.ACKNOWLEDGED));

        assertThat(endings.of("one", new Address.Agent("helpdesk", "a"))).isCompleted();

        CompletableFuture<Receipt> other = endings.of("one", new Address.Agent("helpdesk", "b"));
        assertThat(other).isNotDone();
        other.orTimeout(1, TimeUnit.MILLISECONDS);
        await().until(() -> endings.waiting() == 0);
    }

    @Test
    void exactlyOneOfTokenAndProof_isExpected() {
        assertThatThrownBy(() -> Worksheets.builder().app("helpdesk").open())
                .hasMessage("worksheets: neither (expected: exactly one of chatToken and proof)");
    }

    private Sent twoSent(Worksheets worksheets) {
        var sent =
                worksheets.send(
                        Fixture.URL,
                        Outgoing.toAgent("a", 1).withId("one"),
                        Outgoing.toAgent("b", 1).withId("two"));
        completeAll();
        return sent;
    }

    private void completeAll() {
        while (producer.completeNext()) {
            // until nothing is left
        }
    }

    private void awaitAssigned() {
        await().until(() -> receipts.assignment().contains(RECEIPTS));
    }

    private void receive(String id, String uuid, Receipt.Kind kind) {
        var receipt = receipt(id, uuid, kind);
        receipts.schedulePollTask(
                () ->
                        receipts.addRecord(
                                new ConsumerRecord<>(
                                        Topics.RECEIPTS,
                                        0,
                                        receiptOffset++,
                                        receipt.key(),
                                        receipt.encode())));
    }

    private static Receipt receipt(String id, String uuid, Receipt.Kind kind) {
        return new Receipt(
                id, kind, new Address.Agent("helpdesk", uuid), null, Fixture.NOW, null, null, null);
    }

    private Worksheets open(String app, String token, Proof proof) {
        return new Worksheets(
                producer, TOPIC, app, token, proof, () -> receipts, () -> Fixture.NOW);
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(
                Fixture.cluster(),
                false,
                new RoundRobinPartitioner(),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static MockConsumer<byte[], byte[]> receipts() {
        var consumer =
                new MockConsumer<byte[], byte[]>("none") {
                    /// As of a topic in which nothing is that recent.
                    @Override
                    public Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
                            Map<TopicPartition, Long> asked) {
                        return Map.of();
                    }
                };
        consumer.updatePartitions(
                Topics.RECEIPTS,
                List.of(new PartitionInfo(Topics.RECEIPTS, 0, Node.noNode(), null, null)));
        consumer.updateBeginningOffsets(Map.of(RECEIPTS, 0L));
        consumer.updateEndOffsets(Map.of(RECEIPTS, 0L));
        return consumer;
    }
}
