package io.switchboard.dispatcher.lane;

import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.Receipt;
import org.jspecify.annotations.Nullable;

/// A record, or one target of it, that will not be delivered, and who is told.
///
/// Immutable.
///
/// @param receipt null where the route asks for none
record Refusal(String eventId, DeadLetter letter, @Nullable Receipt receipt) {}
