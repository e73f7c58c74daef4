package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.ServerFrames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The far end of a connection, as the delivery thread sees it. What is handed over here arrives
/// in this order, or not at all.
///
/// The defaults speak our own protocol, in frames; a link of another one overrides them.
///
/// Called by the delivery thread only; never blocks.
public interface Link {

    /// Attached: events follow.
    ///
    /// @param listeners to all of its addresses, if it came together ([Hello#together]); else to
    ///     those that have answered
    default void online(Online online, List<Listener> listeners) {
        control(
                ServerFrames.online(
                        online.connection(),
                        online.agent(),
                        online.roles(),
                        online.unread(),
                        online.heartbeatSeconds()));
    }

    /// It listens to one more address from here on.
    default void joined(Listener at) {}

    default void left(Address address) {}

    /// What will not come on this connection any more; `at` already stands behind it.
    default void lost(ServerFrames.Lost lost, Listener at) {
        event(lost.encode(), at, 0);
    }

    /// This edge node drains.
    default void goAway(long reconnectInMillis) {
        control(ServerFrames.goAway(reconnectInMillis));
    }

    /// A frame that moves no position.
    void control(byte[] frame);

    /// An event, or what was lost. `at` already stands behind it.
    ///
    /// @param sentMillis when the dispatcher hinted it, 0 when it was read from the inbox
    void event(byte[] frame, Listener at, long sentMillis);

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

    /// Who is online, and how.
    ///
    /// Immutable.
    ///
    /// @param roles joined by commas
    /// @param unread entries of the agent's own inbox that nobody acknowledged
    record Online(
            String connection,
            Address.Agent agent,
            String roles,
            long unread,
            long heartbeatSeconds) {}
}
