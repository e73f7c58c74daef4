package io.switchboard.dispatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.switchboard.dispatcher.lane.DispatcherCounter;
import io.switchboard.runtime.Counters;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class EdgeHintsTest {
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 1);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Counters<DispatcherCounter> counters =
            new Counters<>(DispatcherCounter.class, registry);
    private final AtomicBoolean known = new AtomicBoolean();
    private final MockProducer<byte[], byte[]> producer = producer();
    private final EdgeHints hints = new EdgeHints(producer, counters, registry);

    @Test
    void hintsToATopicThatIsNotKnownYet_waitForIt_inTheirOrder() {
        hints.send(EDGE, hint(1));
        hints.send(EDGE, hint(2));
        assertThat(producer.history()).isEmpty();

        known.set(true);

        await().until(() -> producer.history().size() == 2);
        hints.send(EDGE, hint(3));
        assertThat(producer.history())
                .extracting(each -> Hint.decode(each.value()).offset())
                .containsExactly(1L, 2L, 3L);
        assertThat(counters.value(DispatcherCounter.HINTS_DROPPED)).isZero();
    }

    @Test
    void tooManyThatWait_areDropped_andCounted() {
        for (int i = 0; i < 1_010; i++) {
            hints.send(EDGE, hint(i));
        }

        assertThat(counters.value(DispatcherCounter.HINTS_DROPPED)).isEqualTo(10);
    }

    @Test
    void slowTopic_dropsAndCounts_andIsLearntAgain() {
        known.set(true);
        hints.expect(EDGE);
        await().until(() -> sends(1));
        int before = producer.history().size();

        producer.errorNext(new TimeoutException("slow"));
        assertThat(counters.value(DispatcherCounter.HINTS_DROPPED)).isEqualTo(1);
        hints.send(EDGE, hint(2));

        await().until(() -> producer.history().size() == before + 1);
    }

    private boolean sends(long offset) {
        hints.send(EDGE, hint(offset));
        return !producer.history().isEmpty();
    }

    private MockProducer<byte[], byte[]> producer() {
        var serializer = new ByteArraySerializer();
        return new MockProducer<>(
                Cluster.empty(), false, new RoundRobinPartitioner(), serializer, serializer) {
            @Override
            public List<PartitionInfo> partitionsFor(String topic) {
                if (!known.get()) {
                    Thread.onSpinWait();
                    throw new TimeoutException("unknown");
                }
                return List.of(new PartitionInfo(topic, 0, null, null, null));
            }
        };
    }

    private static Hint hint(long offset) {
        return new Hint(
                new Address.App("helpdesk"),
                new LaneId("abcDEF", 0),
                offset,
                offset - 1,
                0,
                new byte[] {1});
    }
}
