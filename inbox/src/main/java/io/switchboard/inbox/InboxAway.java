package io.switchboard.inbox;

/// The store could not be asked, or whether it did what was asked is unknown. Transient: every
/// call may be repeated.
public final class InboxAway extends RuntimeException {
    public InboxAway(String message, Throwable cause) {
        super(message, cause);
    }
}
