package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;

/// What waits to be asked of a shard. Immutable.
sealed interface Call {
    /// Reads what a listener lacks; an attach, when the address is not registered or the listener
    /// has no position.
    record CatchUpOf(Listener listener) implements Call {}

    /// Ends a registration whose last listener has gone.
    record Detach(Address address, EdgeRef edge, long registration) implements Call {}

    /// A hint came for an address that nobody listens to: a registration was left behind. Only a
    /// larger one can end it.
    record Supersede(Address address, EdgeRef edge, long after) implements Call {}
}
