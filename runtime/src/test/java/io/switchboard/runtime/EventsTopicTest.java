package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;

final class EventsTopicTest {
    private static final Uuid ID = Uuid.fromString("AbCdEfGhIjKlMnOpQrStUg");

    @Test
    void topic_isKnownByTheStartOfItsId_andItsPartitions() {
        var partitions =
                IntStream.range(0, 8)
                        .mapToObj(n -> new TopicPartitionInfo(n, null, List.of(), List.of()))
                        .toList();
        var described = new TopicDescription("e", false, partitions, null, ID);

        var topic = EventsTopic.resolve(admin(KafkaFuture.completedFuture(described)), "e");

        assertThat(topic).isEqualTo(new EventsTopic("e", "AbCdEf", 8));
        var address = Address.parse("agent:desk/u1");
        assertThat(topic.laneOf(address)).isEqualTo(new LaneId("AbCdEf", address.partition(8)));
    }

    @Test
    void missingTopic_isNamed_withTheCommandThatMakesIt() {
        var failed = new KafkaFutureImpl<TopicDescription>();
        failed.completeExceptionally(new UnknownTopicOrPartitionException());

        assertThatThrownBy(() -> EventsTopic.resolve(admin(failed), "e"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("topic 'e' does not exist")
                .hasMessageContaining("./switchboard topics create");
    }

    private static Admin admin(KafkaFuture<TopicDescription> answer) {
        final class Described extends DescribeTopicsResult {
            Described() {
                super(null, Map.of("e", answer));
            }
        }
        return (Admin)
                Proxy.newProxyInstance(
                        Admin.class.getClassLoader(),
                        new Class<?>[] {Admin.class},
                        (_, method, _) -> {
                            assertThat(method.getName()).isEqualTo("describeTopics");
                            return new Described();
                        });
    }
}
