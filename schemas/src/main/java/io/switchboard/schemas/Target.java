package io.switchboard.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One line of an envelope's `data`: a payload and whom it is for.
///
/// @param index its place in the list
/// @param payload what the browser gets as `response`, untouched
/// @param id the producer's own event id, if it gave one
/// @param ttl how long it is worth delivering, from the record's timestamp or its due time
/// @param deliverAt not before this moment
public record Target(
        int index,
        To to,
        JsonNode payload,
        @Nullable String id,
        @Nullable Duration ttl,
        @Nullable Instant deliverAt) {

    /// The whom, before the app is known.
    public sealed interface To {
        Address in(String app);
    }

    public record ToAgent(String uuid) implements To {
        @Override
        public Address in(String app) {
            return new Address.Agent(app, uuid);
        }
    }

    public record ToRole(String role) implements To {
        @Override
        public Address in(String app) {
            return new Address.Role(app, role);
        }
    }

    public record ToAll() implements To {
        @Override
        public Address in(String app) {
            return new Address.App(app);
        }
    }
}
