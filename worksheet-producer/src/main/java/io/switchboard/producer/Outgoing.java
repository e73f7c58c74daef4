package io.switchboard.producer;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Target;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One event to be sent: whom it is for, and what the browser gets.
///
/// Immutable.
///
/// @param id the producer's own; sent again with the same id, an event is not doubled
/// @param ttl how long it is worth delivering; null: as its route says
/// @param deliverAt not before; null: now
public record Outgoing(
        Target.To to,
        JsonNode payload,
        @Nullable String id,
        @Nullable Duration ttl,
        @Nullable Instant deliverAt) {

    /// @param payload anything that Jackson can write
    public static Outgoing toAgent(String uuid, Object payload) {
        return of(new Target.ToAgent(uuid), payload);
    }

    public static Outgoing toRole(String role, Object payload) {
        return of(new Target.ToRole(role), payload);
    }

    public static Outgoing toAll(Object payload) {
        return of(new Target.ToAll(), payload);
    }

    public static Outgoing of(Target.To to, Object payload) {
        return new Outgoing(to, Json.MAPPER.valueToTree(payload), null, null, null);
    }

    public Outgoing withId(String id) {
        return new Outgoing(to, payload, id, ttl, deliverAt);
    }

    public Outgoing withTtl(Duration ttl) {
        return new Outgoing(to, payload, id, ttl, deliverAt);
    }

    public Outgoing withDeliverAt(Instant deliverAt) {
        return new Outgoing(to, payload, id, ttl, deliverAt);
    }

    Target target() {
        return new Target(0, to, payload, id, ttl, deliverAt);
    }
}
