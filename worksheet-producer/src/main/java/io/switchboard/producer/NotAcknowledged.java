package io.switchboard.producer;

import io.switchboard.schemas.Receipt;

/// An event ended otherwise than by being acknowledged: dropped, expired or rejected.
public final class NotAcknowledged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Receipt receipt;

    NotAcknowledged(Receipt receipt) {
        super(
                "event %s was %s%s"
                        .formatted(
                                receipt.id(),
                                receipt.kind().word(),
                                receipt.detail() == null ? "" : ": " + receipt.detail()));
        this.receipt = receipt;
    }

    public Receipt receipt() {
        return receipt;
    }
}
