package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;

/// The events topic as it stands: which address lies in which lane.
///
/// Immutable.
public record Lanes(String tag, int count) {
    public Lanes {
        if (count < 1) {
            throw new IllegalArgumentException("lanes: %d (expected: ≥ 1)".formatted(count));
        }
    }

    public LaneId of(Address address) {
        return new LaneId(tag, address.partition(count));
    }
}
