package io.switchboard.edge.delivery;

import io.switchboard.schemas.CloseCode;
import org.jspecify.annotations.Nullable;

/// The far end of a connection, as the delivery thread sees it. What is handed over here arrives
/// in this order, or not at all.
///
/// Called by the delivery thread only; never blocks.
public interface Link {

    /// A frame that moves no position.
    void control(byte[] frame);

    /// An event, or what was lost. `connection` already stands behind it.
    ///
    /// @param sentMillis when the dispatcher hinted it, 0 when it was read from the inbox
    void event(byte[] frame, Connection connection, long sentMillis);

    /// Asks the far end to prove, by [Delivery#onPong] with this number, that everything before
    /// has arrived.
    void ping(long number);

    /// Whether more may be handed over now. After a `false` the link calls
    /// [Delivery#onWritable] once it changes its mind.
    boolean writable();

    void close(CloseCode code);

    /// Remembers its connection, for whoever has only the link; null before and if it was refused.
    void bind(Connection connection);

    @Nullable Connection bound();
}
