package io.switchboard.schemas;

import org.jspecify.annotations.Nullable;

/// Why an edge node closed a WebSocket (RFC 6455 §7.4.2, private range). 4000–4499 say "come
/// back", 4500–4999 say "do not": the same request would be refused again. The SDK holds the
/// same table, and a test compares them.
public enum CloseCode {
    /// The edge node drains; another one, or this one later, takes the browser.
    GO_AWAY(4000, "go away"),
    /// Nothing could be written for too long.
    STALLED(4001, "stalled"),
    /// Two heartbeats were not answered.
    HEARTBEAT_LOST(4002, "heartbeat lost"),
    /// The edge node lost its lease, or another process took its id.
    LEASE_LOST(4003, "lease lost"),
    /// A budget of the edge node is used up.
    OVERLOADED(4004, "overloaded"),
    /// Redis could not be asked, so the browser could not be attached.
    INBOX_AWAY(4005, "inbox away"),
    /// The token expired: come back with a new one.
    TOKEN_EXPIRED(4006, "token expired"),
    /// CONNECT did not come in time.
    CONNECT_TIMEOUT(4007, "connect timeout"),
    /// Something unforeseen in the edge node; its log has the connection's id.
    INTERNAL(4008, "internal error"),
    /// The keys that would verify the token are being fetched.
    KEYS_AWAY(4009, "keys away"),
    /// More frames per second than an edge node takes from one connection, not counting an ACK for
    /// each event.
    TOO_MANY_FRAMES(4010, "too many frames"),

    /// Not signed as the app says, expired, or unknown.
    BAD_TOKEN(4500, "bad token"),
    /// The app is blocked or deleted.
    APP_BLOCKED(4501, "app blocked"),
    /// Frames that no client of this protocol sends.
    PROTOCOL_ERROR(4502, "protocol error"),
    /// An operator ended this agent's connections.
    KICKED(4503, "kicked"),
    /// REFRESH came with the token of somebody else.
    WRONG_AGENT(4504, "wrong agent"),
    /// A frame of more than 64 KiB.
    FRAME_TOO_LARGE(4506, "frame too large"),
    /// The page's Origin is not one that the app allows.
    ORIGIN_REFUSED(4507, "origin refused"),
    /// The agent has as many connections to this edge node as one may have.
    TOO_MANY_CONNECTIONS(4508, "too many connections");

    private static final int FIRST_FINAL = 4500;

    private final int code;
    private final String reason;

    CloseCode(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    public int code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    public boolean comeBack() {
        return code < FIRST_FINAL;
    }

    public static @Nullable CloseCode of(int code) {
        for (var each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return null;
    }
}
