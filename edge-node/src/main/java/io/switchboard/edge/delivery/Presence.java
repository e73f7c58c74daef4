package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;

/// Hears when an agent's first connection at this edge node comes and when the last one has gone.
///
/// Called by the delivery thread; must not block.
public interface Presence {
    void changed(Address.Agent agent, boolean online);
}
