package io.switchboard.producer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;

/// The two ways of `send`. Fails with a `Failure` whose message says why.
interface Sender extends AutoCloseable {
    /// @return the events' ids in target order, once they are stored
    List<String> send(ObjectNode envelope) throws InterruptedException;

    /// Returns once each of the events just sent is acknowledged.
    void awaitAcknowledged(List<String> ids, Duration patience) throws InterruptedException;

    @Override
    void close();
}
