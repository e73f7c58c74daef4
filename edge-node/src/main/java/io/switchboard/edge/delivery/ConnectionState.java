package io.switchboard.edge.delivery;

/// The life of one connection, from the moment its token was verified. (Before, while it is
/// `Handshaking`, it is the socket's alone.)
///
///     Attaching ─► Live ⇄ Lagging ─► Draining        every state ─► Closed
///
/// Immutable.
sealed interface ConnectionState {

    /// Its agent's inbox has not answered yet; ONLINE is not written.
    record Attaching(long sinceMillis) implements ConnectionState {
        Live toLive() {
            return Live.LIVE;
        }
    }

    /// Written to as events come.
    record Live() implements ConnectionState {
        static final Live LIVE = new Live();

        Lagging toLagging(long nowMillis) {
            return new Lagging(nowMillis);
        }
    }

    /// The browser does not keep up: hints are forgotten, and its inboxes are read when it is
    /// writable again.
    record Lagging(long sinceMillis) implements ConnectionState {
        Live toLive() {
            return Live.LIVE;
        }
    }

    /// Told to go away; written to while that is easy, no longer caught up.
    record Draining(long untilMillis) implements ConnectionState {}

    record Closed() implements ConnectionState {
        static final Closed CLOSED = new Closed();
    }
}
