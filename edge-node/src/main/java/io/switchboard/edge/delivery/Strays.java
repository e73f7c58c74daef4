package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;
import java.util.LinkedHashMap;
import java.util.Map;

/// Addresses that are hinted to us though nobody listens. For a moment after the last listener has
/// gone that is normal; later it means that a registration was left behind.
///
/// Owned by the delivery thread.
final class Strays {
    private static final long NORMAL_MILLIS = 5_000;
    private static final int MOST = 1_000;

    private final Map<Address, Long> firstSeen =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Address, Long> eldest) {
                    return size() > MOST;
                }
            };

    /// Whether it is time to end that registration; starts the clock for it, or starts it anew.
    boolean isOld(Address address, long nowMillis) {
        var first = firstSeen.putIfAbsent(address, nowMillis);
        if (first == null || nowMillis - first < NORMAL_MILLIS) {
            return false;
        }
        firstSeen.remove(address);
        return true;
    }
}
