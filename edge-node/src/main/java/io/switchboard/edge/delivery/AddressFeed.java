package io.switchboard.edge.delivery;

import io.switchboard.inbox.Feed;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One address at this edge node: who listens, whether the shard knows that we do, and the recent
/// hints that listeners who are still reading will judge afterwards.
///
/// Owned by the delivery thread.
final class AddressFeed {
    /// Hints kept for listeners that are reading. To whom some evicted ones are missing, the first
    /// kept one is a gap: it reads once more.
    static final int TAIL = 32;

    private final Address address;
    private final Shard shard;
    private final ArrayList<Listener> listeners = new ArrayList<>(1);

    /// The number that our registration has or will have; 0: none was asked for.
    private long registration;

    /// The life of the edge in which that was.
    private @Nullable EdgeRef registeredBy;

    private boolean registered;

    /// Calls of attach and read under way: the registration is not ended before their answers.
    private int calls;

    private int attaching;
    private int catchingUp;
    private long heard;

    /// The newest entry that all listeners were compared with.
    private long comparedTop = Listener.UNKNOWN;
    private @Nullable ArrayDeque<Hint> tail;

    AddressFeed(Address address, Shard shard) {
        this.address = address;
        this.shard = shard;
    }

    Address address() {
        return address;
    }

    Shard shard() {
        return shard;
    }

    LaneId lane() {
        return shard.lane();
    }

    boolean isOwn() {
        return address instanceof Address.Agent;
    }

    // --- who listens

    void add(Listener listener) {
        listener.slot = listeners.size();
        listeners.add(listener);
        tellPresence();
    }

    /// The last one moves to its place, so that ten thousand may leave one role quickly.
    void remove(Listener listener) {
        if (listener.slot < 0) {
            return;
        }
        var moved = listeners.removeLast();
        if (listener.slot < listeners.size()) {
            listeners.set(listener.slot, moved);
            moved.slot = listener.slot;
        }
        listener.slot = -1;
        listener.onGone();
        tellPresence();
        shard.releaseIfUnheard(this);
    }

    /// Once for each agent: its former lanes' feeds have fewer listeners.
    private void tellPresence() {
        if (address instanceof Address.Agent agent
                && !Canary.owns(agent)
                && shard.isNewestOf(agent)) {
            shard.presence().changed(agent, listeners.size());
        }
    }

    List<Listener> listeners() {
        return listeners;
    }

    boolean isUnheard() {
        return listeners.isEmpty() && calls == 0;
    }

    // --- hints

    void onHint(Hint hint, long sentMillis) {
        heard++;
        if (catchingUp > 0) {
            keep(hint);
        }
        long now = shard.nowMillis();
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).onHint(hint, sentMillis, now);
        }
    }

    long heard() {
        return heard;
    }

    private void keep(Hint hint) {
        if (tail == null) {
            tail = new ArrayDeque<>();
        }
        tail.add(hint);
        if (tail.size() > TAIL) {
            tail.remove();
        }
    }

    void onCatchingUp() {
        catchingUp++;
    }

    void onCaughtUp() {
        catchingUp--;
    }

    /// Lets a listener judge what was hinted after its call was made.
    void replay(Listener listener, long heardBefore) {
        var kept = tail;
        long missing = heard - heardBefore;
        if (kept == null || missing == 0) {
            forgetTail();
            return;
        }
        long skip = kept.size() - missing;
        for (var hint : kept) {
            if (skip-- <= 0) {
                listener.onHint(hint, 0, shard.nowMillis());
            }
            if (listener.reading()) {
                return; // consumed by the read that it started
            }
        }
        forgetTail();
    }

    private void forgetTail() {
        if (catchingUp == 0) {
            tail = null;
        }
    }

    // --- the registration

    long registration() {
        return registration;
    }

    @Nullable EdgeRef registeredBy() {
        return registeredBy;
    }

    boolean registered() {
        return registered;
    }

    /// A call is about to be made.
    ///
    /// @return whether it must be an attach
    boolean onCall(Listener listener, EdgeRef edge) {
        calls++;
        listener.onCallMade();
        boolean attach = !registered || listener.last() == Listener.UNKNOWN;
        if (attach) {
            attaching++;
            if (registration == 0 || !edge.equals(registeredBy)) {
                registration = shard.nextRegistration();
                registeredBy = edge;
            }
        }
        return attach;
    }

    void onCallEnded(boolean attach) {
        calls--;
        if (attach) {
            attaching--;
        }
    }

    void onAttached(EdgeRef edge, long number) {
        if (edge.equals(registeredBy) && number == registration) {
            registered = true;
        }
    }

    /// The shard does not know us any more, or will be another one: register again.
    void unregister() {
        registered = false;
        registration = 0;
    }

    /// Whoever is not reading does it; those who are will.
    void ensureRegistered() {
        if (registered || attaching > 0) {
            return;
        }
        for (var each : listeners) {
            if (each.reading()) {
                continue;
            }
            each.read();
            return;
        }
    }

    /// An answer to one listener shows where the address stands. When ten thousand come to one role
    /// at once, each answer is compared with the others only if it says something new; the rest
    /// is left to the position check.
    void onAnswered(Feed.Standing standing) {
        if (isOwn() || standing.top() > comparedTop) {
            onStanding(standing);
        }
    }

    /// What a position check shows is compared with everybody.
    void onStanding(Feed.Standing standing) {
        comparedTop = standing.top();
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).onStanding(standing);
        }
        repeatAcks(standing.acked());
    }

    // --- acks

    void acknowledge(Listener listener) {
        shard.acks().add(address, agentOf(listener), listener.acked());
    }

    private void repeatAcks(long known) {
        long wanted = Listener.UNKNOWN;
        for (var each : listeners) {
            wanted = Math.max(wanted, each.acked());
        }
        if (wanted <= known) {
            return;
        }
        for (var each : listeners) {
            if (each.acked() >= 0) {
                acknowledge(each);
            }
        }
    }

    /// Whose cursor moves; null in an agent's own inbox.
    @Nullable String agentOf(Listener listener) {
        return isOwn() ? null : listener.connection.agent().uuid();
    }
}
