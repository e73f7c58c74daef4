package io.switchboard.edge.centrifuge;

import io.switchboard.schemas.CloseCode;

/// Our close codes, as a Centrifuge client understands them: the protocol's own where it has one,
/// else ours, whose ranges mean the same to it: 3000–3499 and 4000–4499 come back, 3500–3999 and
/// 4500–4999 do not.
///
/// Immutable.
///
/// @param reason never empty: without one the SDKs come back whatever the code
public record Disconnect(int code, String reason) {
    public static Disconnect of(CloseCode code) {
        return switch (code) {
            case GO_AWAY -> new Disconnect(3001, "shutdown");
            case INTERNAL -> new Disconnect(3004, "internal server error");
            case TOKEN_EXPIRED -> new Disconnect(3005, "connection expired");
            case STALLED -> new Disconnect(3008, "slow");
            case HEARTBEAT_LOST -> new Disconnect(3012, "no pong");
            case BAD_TOKEN -> new Disconnect(3500, "invalid token");
            case PROTOCOL_ERROR -> new Disconnect(3501, "bad request");
            case KICKED -> new Disconnect(3503, "force disconnect");
            case TOO_MANY_CONNECTIONS -> new Disconnect(3506, "connection limit");
            case LEASE_LOST,
                    OVERLOADED,
                    INBOX_AWAY,
                    CONNECT_TIMEOUT,
                    KEYS_AWAY,
                    TOO_MANY_FRAMES,
                    APP_BLOCKED,
                    WRONG_AGENT,
                    FRAME_TOO_LARGE,
                    ORIGIN_REFUSED ->
                    new Disconnect(code.code(), code.reason());
        };
    }
}
