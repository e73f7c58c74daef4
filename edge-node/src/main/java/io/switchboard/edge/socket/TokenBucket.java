package io.switchboard.edge.socket;

/// So many a second on average, twice as many at once.
///
/// Confined to the connection's event loop.
final class TokenBucket {
    private final int perSecond;
    private long left;
    private long filledMillis;

    TokenBucket(int perSecond, long nowMillis) {
        this.perSecond = perSecond;
        this.left = 2L * perSecond * 1000;
        this.filledMillis = nowMillis;
    }

    boolean take(long nowMillis) {
        long most = 2L * perSecond * 1000;
        left = Math.min(most, left + Math.max(0, nowMillis - filledMillis) * perSecond);
        filledMillis = nowMillis;
        if (left < 1000) {
            return false;
        }
        left -= 1000;
        return true;
    }
}
