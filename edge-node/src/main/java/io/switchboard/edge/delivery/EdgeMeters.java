package io.switchboard.edge.delivery;

import io.switchboard.schemas.CloseCode;

/// Where the edge node counts. Thread-safe.
public interface EdgeMeters {
    void add(EdgeCounter counter, long count);

    default void increment(EdgeCounter counter) {
        add(counter, 1);
    }

    /// A live event reached the socket; said once for those who got it in a row.
    ///
    /// @param millis since the dispatcher hinted it
    void hintedToWritten(long millis);

    /// An event reached the socket, live or not.
    ///
    /// @param hintedMillis when the dispatcher hinted it; 0: it was read from the inbox
    default void written(byte[] frame, long hintedMillis, long nowMillis) {}

    /// Whether [#written] is to be called at all.
    default boolean traces() {
        return false;
    }

    /// A live event was acknowledged.
    ///
    /// @param millis since it was written
    void writtenToAcknowledged(long millis);

    /// This edge node closes a connection.
    void closed(CloseCode reason);

    /// Counts nothing.
    EdgeMeters NONE =
            new EdgeMeters() {
                @Override
                public void add(EdgeCounter counter, long count) {}

                @Override
                public void hintedToWritten(long millis) {}

                @Override
                public void writtenToAcknowledged(long millis) {}

                @Override
                public void closed(CloseCode reason) {}
            };
}
