package io.switchboard.runtime;

/// A flag, a variable or a file that cannot be used as it is. The message is one sentence for the
/// person who wrote it: the offending thing and what was expected. Ends a process with code 2.
public final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Unusable(String message) {
        super(message);
    }
}
