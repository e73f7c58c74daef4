package io.switchboard.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The rules of the browser SDK for one page, without a socket: what it remembers, what it hands
/// to its handler, what it answers. It writes a [History] of all that.
///
/// It must not be kinder than the SDK: a frame is kept from the handler only by the window of ids.
/// A frame that comes out of order is handled, so that the checker sees it.
///
/// Confined to whoever drives it: one frame at a time.
public final class SdkModel {
    /// How many (id, redelivery) it remembers to recognise a repetition by.
    static final int WINDOW = 256;

    private static final byte[] HEART_BEAT =
            Json.bytes(
                    Json.object()
                            .put("event", "HEART_BEAT")
                            .set("data", Json.MAPPER.createArrayNode()));

    private final String page;
    private final History.Opened identity;
    private final History history;
    private final Map<String, Position> positions = new TreeMap<>();
    private final Map<String, Position> handled = new TreeMap<>();
    private final Map<String, Position> unacknowledged = new LinkedHashMap<>();
    private final LinkedHashSet<History.Key> window;
    private String token;
    private boolean online;

    private SdkModel(
            History.Opened identity, String token, Set<History.Key> window, History history) {
        this.page = identity.page();
        this.identity = identity;
        this.token = token;
        this.window = new LinkedHashSet<>(window);
        this.history = history;
        positions.putAll(identity.positions());
        history.add(identity);
    }

    /// A browser that knows nothing.
    public static SdkModel fresh(
            String page, Address.Agent agent, Set<String> roles, String token, History history) {
        return new SdkModel(
                new History.Opened(page, agent, roles, Map.of()), token, Set.of(), history);
    }

    /// The same tab, loaded again: positions and ids are in its storage, "once" begins anew.
    public SdkModel reloaded(String newPage) {
        return new SdkModel(
                new History.Opened(newPage, identity.agent(), identity.roles(), positions),
                token,
                window,
                history);
    }

    /// The same person in a browser that knows nothing.
    public SdkModel forgotten(String newPage) {
        return fresh(newPage, identity.agent(), identity.roles(), token, history);
    }

    /// What a frame asks of whoever drives the page.
    public sealed interface Reaction {
        record Nothing() implements Reaction {}

        record Send(byte[] frame) implements Reaction {}

        /// An event was handed to the handler.
        record Handled(String feed, History.Key key, Position position, JsonNode payload)
                implements Reaction {}

        record Online(String connection, long unread) implements Reaction {}

        record Lost(History.ToldLost told) implements Reaction {}

        /// Connect again after so many milliseconds, elsewhere.
        record GoAway(long millis) implements Reaction {}

        record Refused(int code, String message) implements Reaction {}
    }

    private static final Reaction NOTHING = new Reaction.Nothing();

    public Reaction onFrame(byte[] bytes) {
        var frame = Json.readObject(bytes);
        if (frame == null) {
            throw new IllegalStateException(
                    page + ": a frame that is no JSON object: " + new String(bytes, UTF_8));
        }
        if (frame.has("code")) {
            return new Reaction.Refused(frame.path("code").asInt(), frame.path("msg").asText());
        }
        var data = frame.path("data");
        return switch (frame.path("event").asText()) {
            case "CONNECT" -> new Reaction.Send(connectFrame());
            case "ONLINE" -> {
                online = true;
                history.add(new History.Online(page));
                yield new Reaction.Online(
                        data.path("connection").asText(), data.path("unread").asLong());
            }
            case "HEART_BEAT" -> new Reaction.Send(HEART_BEAT);
            case "GO_AWAY" -> new Reaction.GoAway(data.path("reconnect_in_ms").asLong());
            case "LOST" -> onLost(data);
            case "PUBLISHED" -> NOTHING;
            default -> onEvent(frame);
        };
    }

    private Reaction onEvent(ObjectNode frame) {
        var key = new History.Key(frame.path("id").asText(), frame.path("redelivered").asText(""));
        var feed = frame.path("to").asText();
        var position = Position.parse(frame.path("pos").asText());
        boolean first = window.add(key);
        while (window.size() > WINDOW) {
            window.removeFirst();
        }
        if (first) {
            history.add(new History.Handled(page, feed, key, position));
        } else {
            history.add(new History.Suppressed(page, key));
        }
        reach(feed, position);
        handled.put(feed, position(feed));
        unacknowledged.put(feed, position(feed));
        return first ? new Reaction.Handled(feed, key, position, frame.path("response")) : NOTHING;
    }

    private Reaction onLost(JsonNode data) {
        var told =
                new History.ToldLost(
                        page,
                        data.path("to").asText(),
                        data.path("expired").asLong(),
                        data.path("overflow").asLong(),
                        data.path("acknowledged_elsewhere").asBoolean(),
                        data.path("unknown").asBoolean(),
                        Position.parse(data.path("through").asText()));
        history.add(told);
        reach(told.feed(), told.through());
        return new Reaction.Lost(told);
    }

    /// A position never goes back within a lane; one of another lane (the topic was created anew)
    /// replaces it.
    private void reach(String feed, Position position) {
        positions.merge(
                feed,
                position,
                (old, now) ->
                        old.lane().equals(now.lane()) && old.offset() > now.offset() ? old : now);
    }

    private Position position(String feed) {
        return Objects.requireNonNull(positions.get(feed), feed);
    }

    private byte[] connectFrame() {
        var frame = Json.object().put("event", "CONNECT");
        var data = frame.putObject("data").put("client_token", token);
        if (!positions.isEmpty()) {
            var node = data.putObject("positions");
            positions.forEach((feed, position) -> node.put(feed, position.toString()));
        }
        return Json.bytes(frame);
    }

    /// The cumulative ACK for all that was handled since the last one; null when there is nothing.
    public byte @Nullable [] takeAck() {
        if (unacknowledged.isEmpty() || !online) {
            return null;
        }
        var frame = Json.object().put("event", "ACK");
        var data = frame.putObject("data");
        unacknowledged.forEach((feed, position) -> data.put(feed, position.toString()));
        history.add(new History.Acknowledged(page, unacknowledged));
        unacknowledged.clear();
        return Json.bytes(frame);
    }

    /// The connection is gone. What was handled and not acknowledged is acknowledged on the next.
    ///
    /// @return whether the SDK comes back by itself
    public boolean onClosed(int closeCode) {
        if (online) {
            history.add(new History.Offline(page));
        }
        online = false;
        unacknowledged.putAll(handled);
        var known = CloseCode.of(closeCode);
        return known == null || known.comeBack();
    }

    public boolean online() {
        return online;
    }

    public String page() {
        return page;
    }

    public Address.Agent agent() {
        return identity.agent();
    }

    public Map<String, Position> positions() {
        return Map.copyOf(positions);
    }
}
