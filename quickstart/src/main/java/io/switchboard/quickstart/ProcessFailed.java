package io.switchboard.quickstart;

/// A child process ended, or did not become ready. The message names it and its log, and ends
/// with the log's last lines.
public final class ProcessFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProcessFailed(String message) {
        super(message);
    }
}
