package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;

/// Hears how many connections an agent has at this edge node, whenever that changes.
///
/// Called by the delivery thread; must not block.
public interface Presence {
    void changed(Address.Agent agent, int connections);
}
