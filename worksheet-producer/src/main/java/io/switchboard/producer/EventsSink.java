package io.switchboard.producer;

import io.switchboard.schemas.Position;
import io.switchboard.schemas.Target;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.Headers;

/// Where the front door puts events: the events topic, behind a port.
///
/// Thread-safe.
interface EventsSink {
    /// Appends one target of a verified app. Completes once all in-sync replicas have it; when it
    /// fails, the record may still have been stored. May wait, for a bounded time.
    ///
    /// @param trace headers to carry along
    CompletableFuture<Position> append(String app, String url, Target target, Headers trace);
}
