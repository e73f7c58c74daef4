package io.switchboard.inbox;

import io.switchboard.schemas.Json;
import java.nio.charset.StandardCharsets;

/// What an edge node says of itself beside its lease, anew each second: for people and their tools,
/// never for a decision about delivery. A release before this one wrote only the URL.
///
/// Immutable.
///
/// @param url what browsers connect to; empty until it listens
/// @param admin where its admin port is reached, `http://host:port`; empty: it did not say
/// @param connections now open; -1: it did not say
/// @param lanes how many it knows of; -1: it did not say
public record EdgeNotice(String url, String admin, int connections, boolean draining, int lanes) {
    public static final EdgeNotice NONE = at("");

    /// Only where browsers connect is known.
    public static EdgeNotice at(String url) {
        return new EdgeNotice(url, "", -1, false, -1);
    }

    String encode() {
        return new String(
                Json.bytes(
                        Json.object()
                                .put("url", url)
                                .put("admin", admin)
                                .put("connections", connections)
                                .put("draining", draining)
                                .put("lanes", lanes)),
                StandardCharsets.UTF_8);
    }

    static EdgeNotice decode(String text) {
        var node =
                text.startsWith("{")
                        ? Json.readObject(text.getBytes(StandardCharsets.UTF_8))
                        : null;
        return node == null
                ? at(text)
                : new EdgeNotice(
                        node.path("url").asText(),
                        node.path("admin").asText(),
                        node.path("connections").asInt(-1),
                        node.path("draining").asBoolean(),
                        node.path("lanes").asInt(-1));
    }
}
