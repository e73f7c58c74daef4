package io.switchboard.schemas;

/// One thing that is wrong with an envelope.
///
/// @param target index of the target it is about, or [#WHOLE]
/// @param field JSON pointer (RFC 6901) of the offending field, as in `/data/1/uuid`
/// @param message what was found and what was expected
public record Problem(int target, String field, ErrorCode code, String message) {
    public static final int WHOLE = -1;
}
