package io.switchboard.systemtests.simulation;

import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.Hint;

/// A mistake that can be planted between the production classes, to see that the simulation would
/// find it. By default each hook changes nothing.
public interface Defect {
    Defect NONE = new Defect() {};

    /// Of the inbox that everybody shares.
    default Inbox inbox(Inbox inbox, Later later) {
        return inbox;
    }

    /// Of what a lane asks of the world.
    default Ports ports(Ports ports, Later later) {
        return ports;
    }

    /// Of a hint as an edge node reads it.
    default Hint hint(Hint hint) {
        return hint;
    }

    /// Runs something after so many milliseconds of virtual time.
    interface Later {
        void in(long millis, Runnable task);
    }
}
