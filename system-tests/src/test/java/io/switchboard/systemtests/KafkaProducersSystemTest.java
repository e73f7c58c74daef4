package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LetterMark;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Target;
import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TestApp;
import io.switchboard.systemtests.harness.TopicReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Events that some Kafka producer wrote, which knows nothing of our keys.
class KafkaProducersSystemTest {
    private final Stage system = Stage.shared();
    private final KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                    Map.of("bootstrap.servers", system.system().infra().kafka(), "acks", "all"),
                    new ByteArraySerializer(),
                    new ByteArraySerializer());

    @AfterEach
    void leave() {
        producer.close();
        system.close();
    }

    @Test
    void recordsWithoutAKey_arrive_whateverPartitionTheyLieIn() throws Exception {
        var ada = system.browser("ada").connect();
        int partitions = system.system().topic().partitions();

        for (int partition = 0; partition < partitions; partition++) {
            var id = write(partition, envelope("ada", "m" + partition));
            system.promised(id, system.app().agent("ada"));
            ada.awaitReceived(partition + 1, Duration.ofSeconds(30));
        }

        ada.awaitReceived("m0", "m1", "m2", "m3");
        system.assertPromisesKept();
    }

    @Test
    void recordForSeveralTargets_withOneBad_isDeliveredToTheOthers_andTheBadOneIsADeadLetter()
            throws Exception {
        var ada = system.browser("ada").connect();
        var bob = system.browser("bob").connect();
        var envelope = envelope("ada", "for ada");
        var data = (ArrayNode) envelope.path("data");
        data.addObject().put("uuid", "not a uuid!").set("data", Stage.payload("for nobody"));
        data.addObject().put("uuid", "bob").set("data", Stage.payload("for bob"));

        var first = write(0, envelope);

        ada.awaitReceived("for ada");
        bob.awaitReceived("for bob");
        assertThat(ada.received().getFirst().event()).isEqualTo(first + ".0");
        assertThat(bob.received().getFirst().event()).isEqualTo(first + ".2");
        var letter = awaitDeadLetter(first, 1);
        assertThat(letter.detail()).contains("/data/1/uuid");
        assertThat(new String(letter.raw(), StandardCharsets.UTF_8))
                .contains("for nobody")
                .doesNotContain(system.app().chatToken());
        var receipt = awaitReceipt(first + ".1");
        assertThat(receipt.kind()).isEqualTo(Receipt.Kind.REJECTED);
        assertThat(receipt.error()).isEqualTo(ErrorCode.FIELD_IS_WRONG);
    }

    @Test
    void whatIsNoEnvelope_isADeadLetter_andHoldsNothingUp() throws Exception {
        var ada = system.browser("ada").connect();

        var noJson = write(0, "{\"url\":".getBytes(StandardCharsets.UTF_8));
        var unknownUrl = write(0, envelope("ada", "x").put("url", "/nowhere"));
        var wrongToken = write(0, envelope("ada", "x").put("chat_token", "guessed"));
        var blocked =
                write(0, envelope("ada", "x").put("chat_token", TestApp.blocked().chatToken()));
        var unknownRole = write(0, envelope(new Target.ToRole("nobody"), "x"));
        var good = write(0, envelope("ada", "good"));
        system.promised(good, system.app().agent("ada"));

        ada.awaitReceived("good");
        assertThat(awaitDeadLetter(noJson, -1).error()).isEqualTo(ErrorCode.ENVELOPE_IS_NOT_JSON);
        assertThat(awaitReceipt(unknownUrl).error()).isEqualTo(ErrorCode.URL_IS_UNKNOWN);
        assertThat(awaitReceipt(wrongToken).error()).isEqualTo(ErrorCode.CHAT_TOKEN_IS_REFUSED);
        assertThat(awaitReceipt(blocked).error()).isEqualTo(ErrorCode.PRODUCER_IS_BLOCKED);
        assertThat(awaitReceipt(unknownRole).error()).isEqualTo(ErrorCode.ROLE_IS_UNKNOWN);
        system.assertPromisesKept();
    }

    private ObjectNode envelope(String uuid, String text) {
        return envelope(new Target.ToAgent(uuid), text);
    }

    private ObjectNode envelope(Target.To to, String text) {
        return system.envelope(TestApp.URL, List.of(Map.entry(to, text)));
    }

    private String write(int partition, ObjectNode envelope) throws Exception {
        return write(partition, Json.bytes(envelope));
    }

    /// @return the coordinates, which are the event's id
    private String write(int partition, byte[] value) throws Exception {
        var topic = system.system().topic();
        var written =
                producer.send(new ProducerRecord<>(topic.name(), partition, null, value))
                        .get(30, TimeUnit.SECONDS);
        return topic.lane(partition).position(written.offset()).toString();
    }

    private DeadLetter awaitDeadLetter(String first, int target) {
        try (var letters = reader(Topics.DEAD_LETTERS)) {
            var record =
                    letters.await(
                            "a dead letter of %s, target %d".formatted(first, target),
                            letter -> {
                                if (letter.headers().lastHeader(LetterMark.HEADER) != null) {
                                    return false; // an operator's note on a letter
                                }
                                var it = decode(letter);
                                return it.at().toString().equals(first) && it.target() == target;
                            });
            return decode(record);
        }
    }

    private static DeadLetter decode(ConsumerRecord<byte[], byte[]> record) {
        var headers = new HashMap<String, byte[]>();
        record.headers().forEach(header -> headers.put(header.key(), header.value()));
        return DeadLetter.decode(headers, record.value());
    }

    private Receipt awaitReceipt(String id) {
        try (var receipts = reader(Topics.RECEIPTS)) {
            return Receipt.decode(
                    receipts.await(
                                    "a receipt of " + id,
                                    record ->
                                            new String(record.key(), StandardCharsets.UTF_8)
                                                    .equals(id))
                            .value());
        }
    }

    private TopicReader reader(String topic) {
        return new TopicReader(system.system().infra().kafka(), topic);
    }
}
