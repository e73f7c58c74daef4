package io.switchboard.edge;

import io.switchboard.edge.delivery.Presence;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Topics;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Who came online at this edge node and who left, on [Topics#PRESENCE], keyed by agent address:
/// `{"online":true,"edge":"<id>.<incarnation>","at":<ms>}`. News, not truth: a record may be
/// missing when Kafka was away, and an edge that died says nothing.
///
/// Thread-safe.
final class PresenceTopic implements Presence {
    private final Upstream writer;
    private final Supplier<String> edge;
    private final InstantSource clock;

    PresenceTopic(Upstream writer, Supplier<String> edge, InstantSource clock) {
        this.writer = writer;
        this.edge = edge;
        this.clock = clock;
    }

    @Override
    public void changed(Address.Agent agent, boolean online) {
        var value =
                Json.object()
                        .put("online", online)
                        .put("edge", edge.get())
                        .put("at", clock.millis());
        writer.send(new ProducerRecord<>(Topics.PRESENCE, agent.key(), Json.bytes(value)), _ -> {});
    }
}
