package io.switchboard.edge.delivery;

import java.util.List;
import java.util.random.RandomGenerator;

/// A drain under way: browsers are told to go in slices over a while, each with a wait of its own,
/// so that they do not arrive elsewhere as a herd.
///
/// Owned by the delivery thread.
final class Drain {
    /// Each browser waits up to this long before it connects elsewhere.
    private static final int JITTER_MILLIS = 1_000;

    private static final long MILLIS_EACH = 2;

    private final long startMillis;
    private final int total;
    private final DeliverySettings settings;
    private final RandomGenerator random;
    private int told;

    Drain(long startMillis, int total, DeliverySettings settings, RandomGenerator random) {
        this.startMillis = startMillis;
        this.total = total;
        this.settings = settings;
        this.random = random;
    }

    void tick(long nowMillis, List<Connection> connections) {
        long due = due(nowMillis - startMillis);
        for (int i = 0; i < connections.size() && told < due; i++) {
            var each = connections.get(i);
            if (each.isDraining()) {
                continue;
            }
            told++;
            long reconnectIn = random.nextInt(JITTER_MILLIS);
            each.goAway(reconnectIn, nowMillis + reconnectIn + settings.drainGrace().toMillis());
        }
    }

    /// A small edge need not take the whole time: nobody minds ten newcomers.
    private long due(long elapsedMillis) {
        long spread = Math.min(settings.drainSpread().toMillis(), total * MILLIS_EACH);
        return elapsedMillis >= spread ? total : total * elapsedMillis / spread;
    }
}
