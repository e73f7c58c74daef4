package io.switchboard.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Target;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class KafkaSinkTest {
    private static final io.switchboard.runtime.LaneLayout NO_GROWTH =
            new io.switchboard.runtime.LaneLayout("events", () -> {});

    private static final Target TARGET =
            new Target(0, new Target.ToAgent("a"), Json.object(), null, null, null);

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(
                    Fixture.cluster(),
                    false,
                    null,
                    new ByteArraySerializer(),
                    new ByteArraySerializer());
    private final AtomicReference<EventsTopic> topic =
            new AtomicReference<>(new EventsTopic("e", "Tag123", 8));

    @Test
    void record_liesInItsAddressesLane_withAProvenOrigin_andWithoutTheToken() {
        try (var live = new LiveTopic(topic.get(), topic::get, NO_GROWTH, InstantSource.system())) {
            var sink = new KafkaSink(producer, live, Fixture.PROOF);

            var stored = sink.append("helpdesk", Fixture.URL, TARGET, new RecordHeaders());

            assertThat(stored).isNotDone();
            var record = producer.history().getFirst();
            var address = new Address.Agent("helpdesk", "a");
            assertThat(record.key()).isEqualTo(address.key());
            assertThat(record.partition()).isEqualTo(address.partition(8));
            var origin = record.headers().lastHeader(Origin.HEADER).value();
            assertThat(Origin.decode(origin)).isEqualTo(Origin.direct("helpdesk"));
            assertThat(
                            Fixture.PROOF.verify(
                                    record.headers().lastHeader(Proof.HEADER).value(),
                                    origin,
                                    record.key(),
                                    record.value()))
                    .isTrue();
            assertThat(Envelope.parse(record.value()).envelope().targets()).containsExactly(TARGET);
            assertThat(record.value())
                    .asString(StandardCharsets.UTF_8)
                    .doesNotContain("chat_token");

            producer.completeNext();
            assertThat(stored)
                    .isCompletedWithValue(new Position("Tag123", address.partition(8), 0));
        }
    }

    @Test
    void whatKafkaDidNotTake_fails() {
        try (var live = new LiveTopic(topic.get(), topic::get, NO_GROWTH, InstantSource.system())) {
            var sink = new KafkaSink(producer, live, Fixture.PROOF);

            var late = sink.append("helpdesk", Fixture.URL, TARGET, new RecordHeaders());
            producer.errorNext(new TimeoutException("late"));
            assertThat(late).isCompletedExceptionally();

            producer.sendException = new KafkaException("closed");
            assertThat(sink.append("helpdesk", Fixture.URL, TARGET, new RecordHeaders()))
                    .isCompletedExceptionally();
        }
    }
}
