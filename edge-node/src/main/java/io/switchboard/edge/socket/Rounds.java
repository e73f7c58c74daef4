package io.switchboard.edge.socket;

import io.netty.channel.EventLoop;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;

/// Visits everybody on one event loop once a second, a twentieth at a time: a million connections
/// need no timers of their own.
///
/// Confined to its event loop.
final class Rounds {
    private static final int SLICES = 20;
    private static final long SLICE_MILLIS = 50;

    interface Visited {
        void visit(long nowMillis);

        /// Its place here; kept by us.
        int slot();

        void slot(int slot);
    }

    private final ArrayList<Visited> all = new ArrayList<>();
    private final InstantSource clock;
    private int slice;

    Rounds(InstantSource clock) {
        this.clock = clock;
    }

    void start(EventLoop loop) {
        loop.scheduleAtFixedRate(
                this::visitSlice, SLICE_MILLIS, SLICE_MILLIS, TimeUnit.MILLISECONDS);
    }

    void add(Visited one) {
        one.slot(all.size());
        all.add(one);
    }

    void remove(Visited one) {
        int slot = one.slot();
        if (slot < 0) {
            return;
        }
        var moved = all.removeLast();
        if (slot < all.size()) {
            all.set(slot, moved);
            moved.slot(slot);
        }
        one.slot(-1);
    }

    /// Backwards: a visit may remove one, and the last one takes its place.
    void visitSlice() {
        long now = clock.millis();
        slice = (slice + 1) % SLICES;
        for (int i = lastOfSlice(); i >= 0; i -= SLICES) {
            visit(i, now);
        }
    }

    /// Whoever takes the place of one that has gone is visited as well.
    private void visit(int place, long now) {
        while (place < all.size()) {
            var each = all.get(place);
            each.visit(now);
            if (each.slot() == place) {
                return;
            }
        }
    }

    private int lastOfSlice() {
        int last = all.size() - 1;
        return last - Math.floorMod(last - slice, SLICES);
    }
}
