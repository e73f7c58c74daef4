package io.switchboard.dispatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.switchboard.dispatcher.lane.DispatcherCounter;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogWriterTest {
    private final List<MockProducer<byte[], byte[]>> producers = new CopyOnWriteArrayList<>();
    private final Counters<DispatcherCounter> counters =
            new Counters<>(DispatcherCounter.class, new SimpleMeterRegistry());
    private LogWriter writer;

    @AfterEach
    void close() {
        writer.close();
    }

    @Test
    void whatIsWritten_isAnswered_whenItIsAcknowledged() {
        start(Duration.ofMinutes(1));
        var answer = write("a");
        await().until(() -> texts(0).equals(List.of("a")));
        assertThat(answer).isNotDone();

        producer(0).completeNext();

        assertThat(answer).succeedsWithin(Duration.ofSeconds(10));
        assertThat(writer.waiting()).isZero();
    }

    @Test
    void producerWithoutProgress_isReplaced_andTheNewOneBeginsAtTheFirstUnacknowledged() {
        start(Duration.ofMillis(300));
        var a = write("a");
        await().until(() -> texts(0).size() == 1);
        producer(0).completeNext();
        var b = write("b");
        var c = write("c");

        await().until(() -> producers.size() == 2);
        await().until(() -> texts(1).equals(List.of("b", "c")));
        producer(1).completeNext();
        producer(1).completeNext();

        assertThat(producer(0).closed()).isTrue();
        assertThat(List.of(a, b, c))
                .allSatisfy(each -> assertThat(each).succeedsWithin(Duration.ofSeconds(10)));
        assertThat(counters.value(DispatcherCounter.WRITER_RENEWED)).isEqualTo(1);
    }

    @Test
    void failureThatMayBeMended_isNoAnswer_everythingFromThereOnIsSentAgain() {
        start(Duration.ofMinutes(1));
        var a = write("a");
        var b = write("b");
        await().until(() -> texts(0).equals(List.of("a", "b")));

        producer(0).errorNext(new OutOfOrderSequenceException("lost"));

        await().until(() -> producers.size() == 2 && texts(1).equals(List.of("a", "b")));
        assertThat(a).isNotDone();
        producer(1).completeNext();
        producer(1).completeNext();
        assertThat(a).succeedsWithin(Duration.ofSeconds(10));
        assertThat(b).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void recordThatNeverFits_isRefused_andTheNextGoOn() {
        start(Duration.ofMinutes(1));
        var a = write("a");
        var b = write("b");
        await().until(() -> texts(0).size() == 2);

        producer(0).errorNext(new RecordTooLargeException("too large"));
        producer(0).completeNext();

        assertThat(b).succeedsWithin(Duration.ofSeconds(10));
        assertThat(a)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(Ports.Refused.class);
        assertThat(producers).hasSize(1);
    }

    @Test
    void letterThatDoesNotFit_isKeptByItsCoordinates() {
        start(Duration.ofMinutes(1));
        var letter =
                new DeadLetter(
                        "worksheet.events",
                        new Position("abcDEF", 0, 7),
                        -1,
                        ErrorCode.FIELD_IS_WRONG,
                        "why",
                        null,
                        new byte[10]);
        var answer = writer.deadLetter(letter).toCompletableFuture();
        await().until(() -> producer(0).history().size() == 1);

        producer(0).errorNext(new RecordTooLargeException("too large"));
        await().until(() -> producer(0).history().size() == 2);
        producer(0).completeNext();

        assertThat(answer).succeedsWithin(Duration.ofSeconds(10));
        var second = producer(0).history().get(1);
        assertThat(second.topic()).isEqualTo(Topics.DEAD_LETTERS);
        assertThat(second.value()).isNull();
        assertThat(new String(second.key(), StandardCharsets.UTF_8))
                .isEqualTo("worksheet.events-0-7");
    }

    private void start(Duration patience) {
        writer =
                new LogWriter(
                                () -> {
                                    var serializer = new ByteArraySerializer();
                                    var made =
                                            new MockProducer<byte[], byte[]>(
                                                    false, null, serializer, serializer);
                                    producers.add(made);
                                    return made;
                                },
                                counters,
                                patience)
                        .start();
        await().until(() -> producers.size() == 1);
    }

    private CompletableFuture<Void> write(String text) {
        return writer.republish(
                        new ProducerRecord<>("t", 0, null, text.getBytes(StandardCharsets.UTF_8)))
                .toCompletableFuture();
    }

    private MockProducer<byte[], byte[]> producer(int which) {
        return producers.get(which);
    }

    private List<String> texts(int which) {
        return producer(which).history().stream()
                .map(each -> new String(each.value(), StandardCharsets.UTF_8))
                .toList();
    }
}
