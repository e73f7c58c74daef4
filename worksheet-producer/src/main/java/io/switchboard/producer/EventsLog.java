package io.switchboard.producer;

import io.switchboard.schemas.EventId;

/// Looks an event up in the events topic itself, by its coordinates.
///
/// Thread-safe; may wait, for a bounded time.
interface EventsLog {
    Answer find(String app, EventId.Coordinates at);

    sealed interface Answer {
        record Found(EventIndex.Accepted accepted) implements Answer {}

        /// No such record, or it is not this app's, or Kafka's retention has passed it.
        record Nothing() implements Answer {}

        record Away(String why) implements Answer {}
    }
}
