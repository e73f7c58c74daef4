package io.switchboard.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class ControlFeedTest {
    private static final TopicPartition CONTROL = new TopicPartition(Topics.CONTROL, 0);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Test
    void whatWasSaidBefore_isHeard_butNotAsNew_evenWhenItIsReadAgain() throws Exception {
        consumer.updatePartitions(
                Topics.CONTROL, List.of(new PartitionInfo(Topics.CONTROL, 0, null, null, null)));
        consumer.updateBeginningOffsets(Map.of(CONTROL, 0L));
        consumer.updateEndOffsets(Map.of(CONTROL, 1L));
        consumer.schedulePollTask(() -> kick(0, "before"));
        var feed =
                new ControlFeed(
                        consumer, (read, anew) -> heard.add(read.key() + (anew ? " anew" : "")));
        try (feed) {
            assertThat(feed.start().awaitCaughtUp(Duration.ofSeconds(10))).isTrue();
            consumer.schedulePollTask(() -> kick(1, "since"));

            assertThat(next()).isEqualTo("kick:desk/before");
            assertThat(next()).isEqualTo("kick:desk/since anew");

            // The feed begins again, from the beginning; meanwhile something was said.
            consumer.updateEndOffsets(Map.of(CONTROL, 3L));
            consumer.schedulePollTask(
                    () -> consumer.setPollException(new KafkaException("trouble")));
            consumer.schedulePollTask(
                    () -> {
                        kick(0, "before");
                        kick(1, "since");
                        kick(2, "meanwhile");
                    });

            assertThat(next()).isEqualTo("kick:desk/before");
            assertThat(next()).isEqualTo("kick:desk/since");
            assertThat(next()).isEqualTo("kick:desk/meanwhile anew");
        }
    }

    private void kick(long offset, String uuid) {
        consumer.addRecord(
                new ConsumerRecord<>(
                        Topics.CONTROL,
                        0,
                        offset,
                        ("kick:desk/" + uuid).getBytes(UTF_8),
                        "{\"at\":\"2026-11-24T18:00:00Z\"}".getBytes(UTF_8)));
    }

    private String next() throws InterruptedException {
        return heard.poll(20, TimeUnit.SECONDS);
    }
}
