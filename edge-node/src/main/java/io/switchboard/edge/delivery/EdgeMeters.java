package io.switchboard.edge.delivery;

/// Where the edge node counts. Thread-safe.
public interface EdgeMeters {
    void add(EdgeCounter counter, long count);

    default void increment(EdgeCounter counter) {
        add(counter, 1);
    }

    /// A live event reached the socket.
    ///
    /// @param millis since the dispatcher hinted it
    void sentToWritten(long millis);

    /// Counts nothing.
    EdgeMeters NONE =
            new EdgeMeters() {
                @Override
                public void add(EdgeCounter counter, long count) {}

                @Override
                public void sentToWritten(long millis) {}
            };
}
