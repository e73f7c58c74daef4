package io.switchboard.schemas;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Where a record that one of our own processes wrote to the events topic comes from. It travels
/// as the header [#HEADER], proven by the header [Proof#HEADER].
///
/// `first` and `index` are the coordinates of the record (and of the target in its list) that a
/// producer wrote; a chain of forwards keeps them. [Kind#DIRECT] has none: it *is* the first.
///
/// Immutable.
///
/// @param app the app whose token was verified
/// @param eventId the event's id, once the first record has given it one
/// @param expiry absolute; null on DIRECT, where the ttl counts from the record's own timestamp
/// @param redelivery the redelivery's id, on REDELIVERED
public record Origin(
        Kind kind,
        String app,
        @Nullable Position first,
        int index,
        @Nullable String eventId,
        @Nullable Instant expiry,
        @Nullable String redelivery) {
    public static final String HEADER = "switchboard-origin";

    public enum Kind {
        /// Written by the front door for one address, its token verified there.
        DIRECT,
        /// One target of a list, or a record that lay in another lane than its address's.
        SPLIT,
        /// A delayed record whose time has come.
        DUE,
        /// Asked for again by an operator.
        REDELIVERED,
        /// A dead letter, sent again by an operator.
        REDRIVEN
    }

    public static Origin direct(String app) {
        return new Origin(Kind.DIRECT, app, null, 0, null, null, null);
    }

    public byte[] encode() {
        var node = Json.object().put("kind", kind.name().toLowerCase(java.util.Locale.ROOT));
        node.put("app", app);
        if (first != null) {
            node.put("first", first.toString()).put("index", index);
        }
        if (eventId != null) {
            node.put("id", eventId);
        }
        if (expiry != null) {
            node.put("expiry", expiry.toEpochMilli());
        }
        if (redelivery != null) {
            node.put("redelivery", redelivery);
        }
        return Json.bytes(node);
    }

    /// @throws IllegalArgumentException when the bytes are no origin
    public static Origin decode(byte[] bytes) {
        var node = Json.readObject(bytes);
        if (node == null) {
            throw new IllegalArgumentException(
                    "origin: '%s' (expected: a JSON object)"
                            .formatted(new String(bytes, StandardCharsets.UTF_8)));
        }
        return new Origin(
                Kind.valueOf(node.path("kind").asText().toUpperCase(java.util.Locale.ROOT)),
                node.path("app").asText(),
                node.has("first") ? Position.parse(node.path("first").asText()) : null,
                node.path("index").asInt(),
                text(node, "id"),
                node.has("expiry") ? Instant.ofEpochMilli(node.path("expiry").asLong()) : null,
                text(node, "redelivery"));
    }

    private static @Nullable String text(ObjectNode node, String field) {
        return node.has(field) ? node.path(field).asText() : null;
    }
}
