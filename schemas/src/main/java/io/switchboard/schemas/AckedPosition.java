package io.switchboard.schemas;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One line of [Topics#ACKS]: how far an address, or one agent in a role's or app's inbox, has
/// come. Keyed by `<address>` or `<address>|<uuid>`, so that compaction keeps the latest.
///
/// Immutable.
///
/// @param agent uuid of the agent whose cursor this is; null for the address itself
/// @param acked offset through which it is acknowledged
/// @param settled offset through which nothing is open (≥ acked: drops count)
/// @param gone largest offset that expired or was dropped, -1 for none
public record AckedPosition(
        Address address, @Nullable String agent, String tag, long acked, long settled, long gone) {

    public byte[] key() {
        var text = agent == null ? address.toString() : address + "|" + agent;
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public byte[] encode() {
        return Json.bytes(
                Json.object()
                        .put("tag", tag)
                        .put("acked", acked)
                        .put("settled", settled)
                        .put("gone", gone));
    }

    /// @throws IllegalArgumentException when key or value are not of this form
    public static AckedPosition decode(byte[] key, byte[] value) {
        var text = new String(key, StandardCharsets.UTF_8);
        var bar = text.indexOf('|');
        var node = Json.readObject(value);
        if (node == null || !node.path("acked").isIntegralNumber()) {
            throw new IllegalArgumentException("acked position of '%s': malformed".formatted(text));
        }
        return new AckedPosition(
                Address.parse(bar < 0 ? text : text.substring(0, bar)),
                bar < 0 ? null : text.substring(bar + 1),
                node.path("tag").asText(),
                node.path("acked").asLong(),
                node.path("settled").asLong(),
                node.path("gone").asLong(-1));
    }

    /// The larger of two, field by field.
    public AckedPosition max(AckedPosition other) {
        return new AckedPosition(
                address,
                agent,
                tag,
                Math.max(acked, other.acked),
                Math.max(settled, other.settled),
                Math.max(gone, other.gone));
    }
}
