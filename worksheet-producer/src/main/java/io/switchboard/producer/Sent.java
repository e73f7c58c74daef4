package io.switchboard.producer;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// What was sent, on its way.
///
/// Thread-safe.
public final class Sent {
    private final CompletableFuture<List<String>> ids;
    private final Supplier<CompletableFuture<Void>> acknowledged;

    Sent(CompletableFuture<List<String>> ids, Supplier<CompletableFuture<Void>> acknowledged) {
        this.ids = ids;
        this.acknowledged = acknowledged;
    }

    /// The events' ids in the order in which they were given, once Kafka has all of them on all
    /// in-sync replicas.
    public CompletableFuture<List<String>> ids() {
        return ids;
    }

    /// Completes when each event was acknowledged by its agent (of a role or an app: by one
    /// member), and fails with [NotAcknowledged] as soon as one ends otherwise. Only routes with
    /// `receipts: all` say so; nobody acknowledges what nobody is there to see, so put a bound to
    /// it: `orTimeout`. To be asked right after sending: receipts are not remembered for ever.
    public CompletableFuture<Void> acknowledged() {
        return acknowledged.get();
    }
}
