package io.switchboard.runtime;

/// What was asked for could not be done. The message is one sentence for a person. Ends a process
/// with code 1, without a stack trace.
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Failure(String message) {
        super(message);
    }

    public Failure(String message, Throwable cause) {
        super(message, cause);
    }
}
