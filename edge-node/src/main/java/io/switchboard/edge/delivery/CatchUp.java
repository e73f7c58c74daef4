package io.switchboard.edge.delivery;

import io.switchboard.inbox.Feed;
import java.util.ArrayList;
import java.util.List;

/// What an inbox's answer means for a listener that stands at some position: the entries to be
/// written, and before each, and at the end, what is missing and why. Nothing is skipped without
/// a word.
///
/// Three things explain what is missing: the inbox says that it is gone (expired, overflow), the
/// agent acknowledged it on another connection, or nobody can vouch for it (below `base`, or the
/// chain of `prev`s is broken, or how much of it this browser had is not known any more).
///
/// Pure.
final class CatchUp {
    sealed interface Step {
        long through();

        record Event(Feed.Entry entry) implements Step {
            @Override
            public long through() {
                return entry.offset();
            }
        }

        record Lost(
                int expired,
                int overflow,
                boolean acknowledgedElsewhere,
                boolean unknown,
                long through)
                implements Step {}
    }

    private final Feed feed;
    private final boolean own;
    private final List<Step> steps = new ArrayList<>();
    private int nextGone;

    /// Everything through here is among `steps`, or counted in the open gap.
    private long reach;

    private boolean gap;
    private int expired;
    private int overflow;
    private boolean acknowledgedElsewhere;
    private boolean unknown;

    private CatchUp(long last, Feed feed, boolean own) {
        this.reach = last;
        this.feed = feed;
        this.own = own;
    }

    /// @param last where the listener stands, in the feed's lane
    /// @param own whether it is an agent's own inbox: only there does an acknowledgement make
    ///     entries go away
    static List<Step> steps(long last, Feed feed, boolean own) {
        var catchUp = new CatchUp(last, feed, own);
        feed.entries().forEach(catchUp::onEntry);
        if (!feed.more()) {
            catchUp.onEnd();
        }
        catchUp.closeGap();
        return catchUp.steps;
    }

    private void onEntry(Feed.Entry entry) {
        if (entry.offset() <= reach) {
            return;
        }
        countGoneBefore(entry.offset());
        countUnvouchedBefore(entry.offset());
        countMissing(entry.prev());
        closeGap();
        steps.add(new Step.Event(entry));
        reach = entry.offset();
    }

    private void onEnd() {
        var standing = feed.standing();
        countGoneBefore(Long.MAX_VALUE);
        countUnvouchedBefore(Long.MAX_VALUE);
        if (own) {
            countMissing(Math.min(standing.settled(), standing.top()));
        }
        countMissing(standing.top());
    }

    private void countGoneBefore(long offset) {
        var gone = feed.gone();
        while (nextGone < gone.size() && gone.get(nextGone).through() < offset) {
            var point = gone.get(nextGone++);
            if (point.through() > reach) {
                extendGap(point.through());
                unknown |= !point.isCounted();
                expired += point.expired();
                overflow += point.overflow();
            }
        }
    }

    private void countUnvouchedBefore(long offset) {
        long through = feed.standing().base() - 1;
        if (through > reach && through < offset) {
            extendGap(through);
            unknown = true;
        }
    }

    private void countMissing(long through) {
        if (through <= reach) {
            return;
        }
        long acked = own ? feed.standing().acked() : Long.MIN_VALUE;
        acknowledgedElsewhere |= acked > reach;
        unknown |= acked < through;
        extendGap(through);
    }

    private void extendGap(long through) {
        gap = true;
        reach = through;
    }

    private void closeGap() {
        if (!gap) {
            return;
        }
        steps.add(new Step.Lost(expired, overflow, acknowledgedElsewhere, unknown, reach));
        gap = false;
        expired = 0;
        overflow = 0;
        acknowledgedElsewhere = false;
        unknown = false;
    }
}
