package io.switchboard.schemas;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What became of an event, on [Topics#RECEIPTS], keyed by event id.
///
/// Immutable.
///
/// @param position of the event's entry; absent when it never got one
/// @param online on STORED: whether the address was connected
/// @param error on REJECTED: why
/// @param detail on REJECTED: the offending thing and what was expected
public record Receipt(
        String id,
        Kind kind,
        @Nullable Address address,
        @Nullable Position position,
        Instant at,
        @Nullable Boolean online,
        @Nullable ErrorCode error,
        @Nullable String detail) {

    /// Terminal ones first, in the order of their rank: when a loss of Redis caused two, the
    /// earlier in this list is what happened.
    public enum Kind {
        ACKNOWLEDGED(true),
        DROPPED(true),
        EXPIRED(true),
        REJECTED(true),
        STORED(false),
        OVERDUE(false);

        private final boolean terminal;

        Kind(boolean terminal) {
            this.terminal = terminal;
        }

        public boolean terminal() {
            return terminal;
        }

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public byte[] key() {
        return id.getBytes(StandardCharsets.UTF_8);
    }

    public byte[] encode() {
        var node = Json.object().put("id", id).put("receipt", kind.word());
        if (address != null) {
            node.put("address", address.toString());
        }
        if (position != null) {
            node.put("pos", position.toString());
        }
        node.put("at", at.toString());
        if (online != null) {
            node.put("online", online);
        }
        if (error != null) {
            node.put("code", error.code()).put("msg", error.msg());
        }
        if (detail != null) {
            node.put("detail", detail);
        }
        return Json.bytes(node);
    }

    /// @throws IllegalArgumentException when the bytes are no receipt
    public static Receipt decode(byte[] bytes) {
        var node = Json.readObject(bytes);
        if (node == null || !node.path("receipt").isTextual()) {
            throw new IllegalArgumentException("receipt: not a JSON object with 'receipt'");
        }
        return new Receipt(
                node.path("id").asText(),
                Kind.valueOf(node.path("receipt").asText().toUpperCase(Locale.ROOT)),
                node.has("address") ? Address.parse(node.path("address").asText()) : null,
                node.has("pos") ? Position.parse(node.path("pos").asText()) : null,
                Instant.parse(node.path("at").asText()),
                node.has("online") ? node.path("online").asBoolean() : null,
                ErrorCode.of(node.path("code").asInt()),
                node.has("detail") ? node.path("detail").asText() : null);
    }
}
