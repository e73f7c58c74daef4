package io.switchboard.schemas;

import org.jspecify.annotations.Nullable;

/// What was wrong with something that came from outside: the `code` and `msg` of the browser's
/// error frame (101xx), and of `rejected` receipts, dead letters and the front door's problems
/// (102xx). The first row is the worked example's own.
public enum ErrorCode {
    EVENT_IS_NULL(10101, "event is null"),
    EVENT_IS_UNKNOWN(10102, "event is unknown"),
    FRAME_IS_NOT_JSON(10103, "frame is not a JSON object"),
    TOKEN_IS_REFUSED(10104, "client_token is refused"),
    APP_IS_BLOCKED(10105, "app is blocked or deleted"),
    NOT_CONNECTED(10106, "CONNECT comes first"),
    ALREADY_CONNECTED(10107, "CONNECT was already answered"),
    POSITION_IS_MALFORMED(10108, "position is malformed"),
    ACK_IS_MALFORMED(10109, "ACK is malformed"),
    PUBLISH_IS_MALFORMED(10110, "PUBLISH is malformed"),
    TOO_MANY_FRAMES(10111, "too many frames"),
    INBOX_IS_AWAY(10112, "inbox is away, come back"),
    FRAME_IS_TOO_LARGE(10113, "frame is too large"),
    PUBLISH_IS_UNAVAILABLE(10114, "PUBLISH is not possible now"),

    ENVELOPE_IS_NOT_JSON(10201, "envelope is not a JSON object"),
    FIELD_IS_WRONG(10202, "field is wrong"),
    URL_IS_UNKNOWN(10203, "url is unknown"),
    CHAT_TOKEN_IS_REFUSED(10204, "chat_token is refused"),
    PRODUCER_IS_BLOCKED(10205, "app is blocked or deleted"),
    ROLE_IS_UNKNOWN(10206, "role is unknown"),
    TARGET_IS_TOO_LARGE(10207, "target is too large"),
    WRONG_LANE(10208, "forwarded record is in the wrong lane"),
    PROOF_IS_WRONG(10209, "proof is wrong"),
    KAFKA_REFUSED(10210, "Kafka refused the record for good");

    private final int code;
    private final String msg;

    ErrorCode(int code, String msg) {
        this.code = code;
        this.msg = msg;
    }

    public int code() {
        return code;
    }

    public String msg() {
        return msg;
    }

    public static @Nullable ErrorCode of(int code) {
        for (var each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return null;
    }
}
