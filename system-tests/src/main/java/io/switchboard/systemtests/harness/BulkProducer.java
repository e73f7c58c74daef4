package io.switchboard.systemtests.harness;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.History;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// An upstream system's own Kafka producer, keyed by address as ours is: many events, quickly.
///
/// Thread-safe.
public final class BulkProducer implements AutoCloseable {
    private final Stage stage;
    private final KafkaProducer<byte[], byte[]> producer;

    public BulkProducer(Stage stage) {
        this.stage = stage;
        this.producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                stage.system().infra().kafka(),
                                "acks",
                                "all",
                                "linger.ms",
                                5),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
    }

    /// @param id the producer's own; null: the coordinates are it
    /// @param more changes the target before it is written
    public void send(
            Address.Agent agent,
            String text,
            @Nullable String id,
            String url,
            java.util.function.Consumer<ObjectNode> more) {
        var envelope =
                stage.envelope(url, List.of(Map.entry(new Target.ToAgent(agent.uuid()), text)));
        var target = (ObjectNode) envelope.path("data").path(0);
        if (id != null) {
            target.put("id", id);
        }
        more.accept(target);
        var topic = stage.system().topic();
        int partition = topic.laneOf(agent).partition();
        producer.send(
                new ProducerRecord<>(topic.name(), partition, agent.key(), Json.bytes(envelope)),
                (written, failed) -> {
                    if (failed == null) {
                        var event =
                                id == null
                                        ? topic.lane(partition)
                                                .position(written.offset())
                                                .toString()
                                        : id;
                        stage.history().add(new History.Produced(event, agent));
                        stage.history().add(new History.Promised(event));
                    }
                });
    }

    public void send(Address.Agent agent, String text) {
        send(agent, text, null, TestApp.URL, _ -> {});
    }

    /// All that was sent is kept.
    public void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
