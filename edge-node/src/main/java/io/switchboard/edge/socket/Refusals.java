package io.switchboard.edge.socket;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Apps that an operator has blocked, whatever the apps file says.
///
/// Thread-safe.
public final class Refusals {
    private final Set<String> blockedApps = ConcurrentHashMap.newKeySet();

    public void block(String app) {
        blockedApps.add(app);
    }

    public void unblock(String app) {
        blockedApps.remove(app);
    }

    public boolean isBlocked(String app) {
        return blockedApps.contains(app);
    }
}
