package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Append;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.Receipt;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// What a record means for its lane.
///
/// Immutable.
///
/// @param entry what the inbox is asked to do about it; null: it concerns no inbox of this lane
/// @param copies to be republished, in the order of its targets
/// @param refusals what becomes dead letters
/// @param dropped receipts of what an operator skipped before it could be split
/// @param overdueAt when an `overdue` receipt is owed unless it is acknowledged; null: never
record Routed(
        LogRecord source,
        Append.@Nullable Record entry,
        List<ProducerRecord<byte[], byte[]>> copies,
        List<Refusal> refusals,
        List<Receipt> dropped,
        @Nullable Instant overdueAt) {

    static Routed entry(LogRecord source, Append.Record entry, @Nullable Instant overdueAt) {
        return new Routed(source, entry, List.of(), List.of(), List.of(), overdueAt);
    }

    /// Nothing: neither an event nor worth a dead letter.
    static Routed nothing(LogRecord source) {
        return new Routed(source, null, List.of(), List.of(), List.of(), null);
    }

    boolean isCanary() {
        return entry != null && Canary.owns(entry.address());
    }

    long offset() {
        return source.offset();
    }
}
