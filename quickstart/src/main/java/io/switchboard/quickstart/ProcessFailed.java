package io.switchboard.quickstart;

/// A child process ended, or did not become ready. The message names it and shows its log's end.
public final class ProcessFailed extends RuntimeException {
    public ProcessFailed(String message) {
        super(message);
    }
}
