package io.switchboard.edge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.edge.delivery.Presence;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Who came to this edge node and who left, on [Topics#PRESENCE], keyed by agent address and edge:
/// `agent:<app>/<uuid>/<edge>` →
/// `{"agent":…,"edge":"<edge>.<incarnation>","online":true,"connections":2,"at":<ms>}`. An agent
/// may be at several edges, and each speaks for itself only: of one key the last record holds.
///
/// News, not truth. A record may be missing when Kafka was away. An edge that dies says nothing:
/// when it is back it writes `edge:<edge>` first, and whatever its earlier incarnations said of
/// somebody being online is over. Until then the leases tell.
///
/// Thread-safe.
final class PresenceTopic implements Presence {
    private final Upstream writer;
    private final EdgeRef edge;
    private final InstantSource clock;

    /// @param edge the incarnation with which this process began: leases come and go under it
    PresenceTopic(Upstream writer, EdgeRef edge, InstantSource clock) {
        this.writer = writer;
        this.edge = edge;
        this.clock = clock;
    }

    void begin() {
        send("edge:" + edge.id(), Json.object());
    }

    @Override
    public void changed(Address.Agent agent, int connections) {
        send(
                agent + "/" + edge.id(),
                Json.object()
                        .put("agent", agent.toString())
                        .put("online", connections > 0)
                        .put("connections", connections));
    }

    private void send(String key, ObjectNode value) {
        value.put("edge", edge.toString()).put("at", clock.millis());
        writer.send(
                new ProducerRecord<>(
                        Topics.PRESENCE, key.getBytes(StandardCharsets.UTF_8), Json.bytes(value)),
                _ -> {});
    }
}
