package io.switchboard.schemas;

/// Which receipts a route asks for.
public enum ReceiptLevel {
    NONE,
    /// `rejected`, `expired`, `dropped` (and `overdue` where asked for).
    FAILURES,
    /// Those, and `stored` and `acknowledged`.
    ALL
}
