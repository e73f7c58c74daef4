package io.switchboard.edge.delivery;

import io.switchboard.schemas.Canary;
import io.switchboard.schemas.CloseCode;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The far end of no socket: hears this edge node's canaries as a browser hears its events, and
/// acknowledges them at once.
///
/// Owned by the delivery thread.
public final class CanaryLink implements Link {
    private final BiConsumer<Canary, Boolean> heard;
    private @Nullable Connection connection;

    /// @param heard a canary, and whether a hint brought it: what no hint brought was found in the
    ///     inbox
    public CanaryLink(BiConsumer<Canary, Boolean> heard) {
        this.heard = heard;
    }

    @Override
    public void event(byte[] frame, Listener at, long sentMillis) {
        at.acknowledge(at.last());
        var canary = Canary.decode(frame);
        if (canary != null) {
            heard.accept(canary, sentMillis > 0);
        }
    }

    @Override
    public void control(byte[] frame) {}

    @Override
    public void ping(long number) {}

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void close(CloseCode code) {}

    @Override
    public void bind(Connection to) {
        connection = to;
    }

    @Override
    public @Nullable Connection bound() {
        return connection;
    }
}
