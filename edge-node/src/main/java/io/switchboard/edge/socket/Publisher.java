package io.switchboard.edge.socket;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.schemas.Address;
import java.util.function.Consumer;

/// Takes what browsers publish. Never blocks; thread-safe.
public interface Publisher {
    /// @param then hears, on any thread, whether Kafka has it
    void publish(Address.Agent from, String id, JsonNode data, Consumer<Boolean> then);
}
