package io.switchboard.edge.delivery;

import io.switchboard.schemas.Position;
import java.time.Instant;
import java.util.Map;

/// One connection as it was at one moment, for people.
///
/// Immutable.
///
/// @param state the name of its [ConnectionState]
/// @param positions by feed: behind what was handed to it
public record ConnectionView(
        String id, Instant since, String state, Map<String, Position> positions) {
    public ConnectionView {
        positions = Map.copyOf(positions);
    }
}
