package io.switchboard.edge.centrifuge;

/// Why a command was not done, with the protocol's own codes.
public enum Failure {
    INTERNAL(100, "internal server error", true),
    PERMISSION_DENIED(103, "permission denied", false),
    METHOD_NOT_FOUND(104, "method not found", false),
    BAD_REQUEST(107, "bad request", false),
    NOT_AVAILABLE(108, "not available", false),
    /// On connect: the SDK gets a new token and comes again.
    TOKEN_EXPIRED(109, "token expired", false),
    TOO_MANY_REQUESTS(111, "too many requests", true);

    private final int code;
    private final String message;
    private final boolean temporary;

    Failure(int code, String message, boolean temporary) {
        this.code = code;
        this.message = message;
        this.temporary = temporary;
    }

    public int code() {
        return code;
    }

    public String message() {
        return message;
    }

    public boolean temporary() {
        return temporary;
    }
}
