package io.switchboard.edge.delivery;

import io.switchboard.inbox.Feed;
import io.switchboard.inbox.Inbox;
import java.util.ArrayList;
import java.util.List;

/// Compares, every few seconds, where each address of a shard stands with what was written: finds
/// what nobody hinted, what was forgotten about us, and acks that did not last.
///
/// Owned by the delivery thread.
final class PositionCheck {
    static final int BATCH = 200;
    private static final long RETRY_MILLIS = 1_000;

    private final Shard shard;
    private long dueMillis;
    private boolean again;
    private List<Inbox.Check> left = List.of();
    private boolean underWay;

    PositionCheck(Shard shard, long dueMillis) {
        this.shard = shard;
        this.dueMillis = dueMillis;
    }

    void atOnce() {
        again = true;
    }

    void tick(long nowMillis) {
        if (underWay || !shard.mayCheck() || !(again || isDue(nowMillis))) {
            return;
        }
        again = false;
        dueMillis = nowMillis + shard.checkEveryMillis();
        left = checks();
        next();
    }

    /// Also when the clock was set back.
    private boolean isDue(long nowMillis) {
        return nowMillis >= dueMillis || dueMillis - nowMillis > shard.checkEveryMillis();
    }

    private List<Inbox.Check> checks() {
        var checks = new ArrayList<Inbox.Check>();
        for (var each : shard.feeds()) {
            if (each.registered()) {
                checks.add(new Inbox.Check(each.address(), shard.edge(), each.registration()));
            }
        }
        return checks;
    }

    private void next() {
        underWay = !left.isEmpty();
        if (!underWay) {
            left = List.of(); // an empty view would keep the whole list
            return;
        }
        var batch = left.subList(0, Math.min(BATCH, left.size()));
        left = left.subList(batch.size(), left.size());
        shard.ask(
                shard.inbox().positions(shard.lane(), batch),
                (standings, failed) -> {
                    if (standings == null) {
                        underWay = false;
                        dueMillis =
                                Math.min(
                                        dueMillis,
                                        dueMillis - shard.checkEveryMillis() + RETRY_MILLIS);
                        return;
                    }
                    for (int i = 0; i < batch.size(); i++) {
                        onStanding(batch.get(i), standings.get(i));
                    }
                    next();
                });
    }

    private void onStanding(Inbox.Check checked, Feed.Standing standing) {
        shard.onGeneration(standing);
        var feed = shard.feed(checked.address());
        if (feed == null
                || feed.registration() != checked.registration()
                || !shard.edge().equals(checked.edge())) {
            return; // moved on since it was asked
        }
        if (!standing.registered()) {
            shard.countForgotten();
            feed.unregister();
            feed.ensureRegistered();
        }
        if (standing.fence() >= 0) {
            feed.onStanding(standing);
        }
    }
}
