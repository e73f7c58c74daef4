package io.switchboard.edge.centrifuge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a Centrifuge client is told: replies to its commands, and pushes.
public final class Replies {
    /// The empty reply: a ping, which the client answers with the empty command.
    public static final byte[] PING = "{}".getBytes(StandardCharsets.US_ASCII);

    /// Of a subscription that is ended only to begin anew: what was between is missing.
    private static final int INSUFFICIENT_STATE = 2500;

    /// Of a subscription that the server ended for good.
    private static final int UNSUBSCRIBED = 2000;

    private static final String VERSION = "switchboard";

    private Replies() {}

    /// One server-side subscription.
    ///
    /// @param recovering the client said where it was
    /// @param whole and everything since is there
    public record Sub(Address channel, Position position, boolean recovering, boolean whole) {
        private ObjectNode json() {
            var sub = begun(position);
            if (recovering) {
                sub.put("was_recovering", true);
                sub.put("recovered", whole);
            }
            return sub;
        }
    }

    /// Whether and when the client should come with a new token.
    ///
    /// @param ttl seconds; null when the token does not expire
    public record Expiry(@Nullable Long ttl) {
        private void putInto(ObjectNode result) {
            if (ttl != null) {
                result.put("expires", true).put("ttl", ttl);
            }
        }
    }

    /// @param pingSeconds how often it is pinged, and is expected to answer
    public static byte[] connected(
            long id,
            String client,
            Expiry expiry,
            ObjectNode data,
            List<Sub> subs,
            long pingSeconds) {
        var reply = Json.object().put("id", id);
        var connect = reply.putObject("connect").put("client", client).put("version", VERSION);
        expiry.putInto(connect);
        connect.set("data", data);
        var all = connect.putObject("subs");
        for (var each : subs) {
            all.set(each.channel().toString(), each.json());
        }
        connect.put("ping", pingSeconds).put("pong", true);
        return Json.bytes(reply);
    }

    public static byte[] refreshed(long id, String client, Expiry expiry) {
        var reply = Json.object().put("id", id);
        var refresh = reply.putObject("refresh").put("client", client).put("version", VERSION);
        expiry.putInto(refresh);
        return Json.bytes(reply);
    }

    /// The empty result of `publish`, `unsubscribe` and `ping`.
    public static byte[] done(long id, String method) {
        var reply = Json.object().put("id", id);
        reply.putObject(method);
        return Json.bytes(reply);
    }

    public static byte[] answered(long id, JsonNode data) {
        var reply = Json.object().put("id", id);
        reply.putObject("rpc").set("data", data);
        return Json.bytes(reply);
    }

    public static byte[] failed(long id, Failure failure) {
        var reply = Json.object().put("id", id);
        var error =
                reply.putObject("error")
                        .put("code", failure.code())
                        .put("message", failure.message());
        if (failure.temporary()) {
            error.put("temporary", true);
        }
        return Json.bytes(reply);
    }

    /// What stands before the data of a publication; [#AFTER_DATA] behind it.
    public static String beforeData(Address channel, long offsetInKafka) {
        return "{\"push\":{\"channel\":\""
                + channel
                + "\",\"pub\":{\"offset\":"
                + ChannelPosition.offset(offsetInKafka)
                + ",\"data\":";
    }

    public static final String AFTER_DATA = "}}}";

    public static byte[] subscribed(Address channel, Position position) {
        return push(channel, "subscribe", begun(position));
    }

    public static byte[] unsubscribed(Address channel) {
        return push(
                channel,
                "unsubscribe",
                Json.object().put("code", UNSUBSCRIBED).put("reason", "role taken away"));
    }

    /// A hole: the subscription ends before it and begins again behind it, not recovered, as the
    /// protocol has it. Two lines.
    ///
    /// @param lost our own LOST frame's data
    public static byte[] lost(Address channel, Position through, JsonNode lost) {
        var ended =
                push(
                        channel,
                        "unsubscribe",
                        Json.object()
                                .put("code", INSUFFICIENT_STATE)
                                .put("reason", "insufficient state"));
        var sub = begun(through).put("was_recovering", true).put("recovered", false);
        sub.putObject("data").set("lost", lost);
        return joined(List.of(ended, push(channel, "subscribe", sub)));
    }

    /// Several replies in one frame.
    public static byte[] joined(List<byte[]> replies) {
        if (replies.size() == 1) {
            return replies.getFirst();
        }
        int length = replies.size() - 1;
        for (var each : replies) {
            length += each.length;
        }
        var all = new byte[length];
        int at = 0;
        for (var each : replies) {
            if (at > 0) {
                all[at++] = '\n';
            }
            System.arraycopy(each, 0, all, at, each.length);
            at += each.length;
        }
        return all;
    }

    private static ObjectNode begun(Position position) {
        return Json.object()
                .put("recoverable", true)
                .put("positioned", true)
                .put("epoch", ChannelPosition.epoch(position))
                .put("offset", ChannelPosition.offset(position));
    }

    private static byte[] push(Address channel, String what, ObjectNode content) {
        var frame = Json.object();
        frame.putObject("push").put("channel", channel.toString()).set(what, content);
        return Json.bytes(frame);
    }
}
