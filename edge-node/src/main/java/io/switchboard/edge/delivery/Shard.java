package io.switchboard.edge.delivery;

import io.switchboard.inbox.Feed;
import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// One lane's part of the inbox, as this edge node uses it: the feeds of its addresses, and the
/// calls that wait or are under way. When it does not answer, calls wait and are repeated; nothing
/// is given up but what its connection gave up first.
///
/// Owned by the delivery thread.
final class Shard {
    /// A rebuild takes seconds; asking more often only slows it.
    private static final long NOT_READY_RETRY_MILLIS = 500;

    /// Detaches beyond this are forgotten: [Strays] makes up for them.
    private static final int MOST_WAITING_DETACHES = 100_000;

    private final LaneId lane;
    private final Delivery delivery;
    private final Inbox inbox;
    private final Map<Address, AddressFeed> feeds = new HashMap<>();
    private final ArrayDeque<Call> waiting = new ArrayDeque<>();
    private final ArrayDeque<NotReady> notReady = new ArrayDeque<>();
    private final Backoff backoff = new Backoff();
    private final Acks acks = new Acks();
    private final Strays strays = new Strays();
    private final PositionCheck check;
    private int inFlight;
    private String generation = "";

    private record NotReady(Call call, long untilMillis) {
        /// Also when the clock was set back.
        boolean isDue(long now) {
            return now >= untilMillis || untilMillis - now > NOT_READY_RETRY_MILLIS;
        }
    }

    Shard(LaneId lane, Delivery delivery, long firstCheckMillis) {
        this.lane = lane;
        this.delivery = delivery;
        this.inbox = delivery.inbox();
        this.check = new PositionCheck(this, firstCheckMillis);
    }

    LaneId lane() {
        return lane;
    }

    Acks acks() {
        return acks;
    }

    boolean isNewestOf(Address address) {
        return delivery.shardOf(address) == this;
    }

    Presence presence() {
        return delivery.presence();
    }

    Collection<AddressFeed> feeds() {
        return feeds.values();
    }

    @Nullable AddressFeed feed(Address address) {
        return feeds.get(address);
    }

    AddressFeed feedOf(Address address) {
        return feeds.computeIfAbsent(address, it -> new AddressFeed(it, this));
    }

    long nextRegistration() {
        return delivery.nextRegistration();
    }

    long nowMillis() {
        return delivery.nowMillis();
    }

    void countRescued() {
        delivery.meters().increment(EdgeCounter.EVENTS_FOUND_BY_CHECK);
    }

    void countForgotten() {
        delivery.meters().increment(EdgeCounter.REGISTRATIONS_FORGOTTEN);
    }

    /// Whether its last call failed.
    boolean isAway() {
        return backoff.failing();
    }

    boolean isIdle() {
        return waiting.isEmpty() && inFlight == 0 && acks.isIdle();
    }

    void onHint(Hint hint, long sentMillis) {
        var feed = feeds.get(hint.address());
        if (feed != null) {
            feed.onHint(hint, sentMillis);
            return;
        }
        delivery.meters().increment(EdgeCounter.HINTS_UNHEARD);
        if (strays.isOld(hint.address(), delivery.nowMillis())) {
            enqueue(new Call.Supersede(hint.address(), delivery.edge(), hint.offset()));
        }
    }

    void enqueue(Call call) {
        waiting.add(call);
        pump();
    }

    void releaseIfUnheard(AddressFeed feed) {
        if (!feed.isUnheard() || !feeds.remove(feed.address(), feed)) {
            return;
        }
        var edge = feed.registeredBy();
        if (edge == null || !edge.equals(delivery.edge()) || feed.registration() == 0) {
            return;
        }
        if (waiting.size() < MOST_WAITING_DETACHES) {
            enqueue(new Call.Detach(feed.address(), edge, feed.registration()));
        }
    }

    /// The edge has a new incarnation: all its registrations are those of a dead one.
    void registerAgain() {
        for (var each : feeds.values()) {
            each.unregister();
        }
        for (var each : List.copyOf(feeds.values())) {
            each.ensureRegistered();
        }
    }

    void tick() {
        long now = delivery.nowMillis();
        while (!notReady.isEmpty() && notReady.getFirst().isDue(now)) {
            waiting.add(notReady.removeFirst().call());
        }
        pump();
        sendAcks();
        check.tick(now);
    }

    // --- calls

    private void pump() {
        int most = backoff.failing() ? 1 : delivery.settings().callsPerShard();
        while (!waiting.isEmpty() && inFlight < most && !backoff.waits(delivery.nowMillis())) {
            make(waiting.remove());
        }
    }

    private void make(Call call) {
        switch (call) {
            case Call.CatchUpOf(var listener) -> catchUp(listener);
            case Call.Detach detach -> detach(detach);
            case Call.Supersede supersede -> supersede(supersede);
        }
    }

    private void catchUp(Listener listener) {
        var feed = listener.feed;
        if (listener.gone()) {
            releaseIfUnheard(feed);
            // It may have been the one that was to register for the others.
            feed.ensureRegistered();
            return;
        }
        var edge = delivery.edge();
        boolean attach = feed.onCall(listener, edge);
        long number = feed.registration();
        int page = delivery.settings().pageEntries();
        var after = listener.after();
        var asked =
                attach || after == null
                        ? inbox.attach(
                                new Inbox.Attach(
                                        lane,
                                        feed.address(),
                                        feed.agentOf(listener),
                                        edge,
                                        number,
                                        after,
                                        page))
                        : inbox.read(lane, feed.address(), after, page);
        delivery.meters().increment(attach ? EdgeCounter.ATTACHES : EdgeCounter.READS);
        ask(
                asked,
                (answer, failed) -> {
                    feed.onCallEnded(attach);
                    if (answer == null) {
                        waiting.add(new Call.CatchUpOf(listener));
                        return;
                    }
                    onGeneration(answer.standing());
                    if (attach) {
                        feed.onAttached(edge, number);
                    }
                    onFeed(listener, answer);
                });
    }

    private void onFeed(Listener listener, Feed answer) {
        var feed = listener.feed;
        if (listener.gone()) {
            releaseIfUnheard(feed);
        } else {
            listener.connection.onAttached(listener, answer.unread());
            if (answer.ready()) {
                listener.onFeed(answer);
                feed.onAnswered(answer.standing());
            } else {
                notReady.add(
                        new NotReady(
                                new Call.CatchUpOf(listener),
                                delivery.nowMillis() + NOT_READY_RETRY_MILLIS));
            }
        }
        feed.ensureRegistered();
    }

    private void detach(Call.Detach detach) {
        if (!detach.edge().equals(delivery.edge())) {
            return;
        }
        ask(
                inbox.detach(lane, detach.address(), detach.edge(), detach.registration()),
                (_, failed) -> {
                    if (failed) {
                        waiting.add(detach);
                    }
                });
    }

    /// Attaches with a larger number and detaches that one.
    private void supersede(Call.Supersede stray) {
        if (feeds.containsKey(stray.address()) || !stray.edge().equals(delivery.edge())) {
            return;
        }
        long number = nextRegistration();
        ask(
                inbox.attach(
                        new Inbox.Attach(
                                lane,
                                stray.address(),
                                null,
                                stray.edge(),
                                number,
                                stray.after(),
                                1)),
                (_, failed) -> {
                    if (!failed) {
                        waiting.add(new Call.Detach(stray.address(), stray.edge(), number));
                    }
                });
    }

    void sendAcks() {
        if (!acks.mayBeSent() || backoff.waits(delivery.nowMillis())) {
            return;
        }
        var batch = acks.take();
        delivery.meters().add(EdgeCounter.ACKS_SENT, batch.size());
        ask(
                inbox.ack(lane, batch),
                (answer, failed) -> {
                    if (answer == null) {
                        acks.onFailed(batch);
                        return;
                    }
                    acks.onSent();
                    if (!answer.isEmpty()) {
                        onGeneration(answer.getFirst());
                    }
                    sendAcks();
                });
    }

    /// The answer comes home to the delivery thread: null and `true` when there was none.
    <T> void ask(CompletionStage<T> asked, BiConsumer<@Nullable T, Boolean> then) {
        inFlight++;
        asked.whenComplete(
                (answer, error) ->
                        delivery.home()
                                .execute(
                                        () -> {
                                            inFlight--;
                                            onAnswered(error);
                                            then.accept(
                                                    error == null ? answer : null, error != null);
                                            pump();
                                        }));
    }

    private void onAnswered(@Nullable Throwable error) {
        if (error == null) {
            backoff.onAnswered();
            return;
        }
        delivery.onInboxFailed(lane, error);
        backoff.onFailed(delivery.nowMillis(), delivery.random());
    }

    /// Another generation than the last one known: the shard was emptied or rolled back, and may
    /// have forgotten who listens.
    void onGeneration(Feed.Standing standing) {
        var now = standing.generation();
        if (!now.isEmpty() && !now.equals(generation)) {
            if (!generation.isEmpty()) {
                delivery.meters().increment(EdgeCounter.NEW_GENERATIONS);
            }
            generation = now;
            check.atOnce();
        }
    }

    void checkAtOnce() {
        check.atOnce();
    }

    EdgeRef edge() {
        return delivery.edge();
    }

    Inbox inbox() {
        return inbox;
    }

    long checkEveryMillis() {
        return delivery.settings().checkEvery().toMillis();
    }

    boolean mayCheck() {
        return !backoff.waits(delivery.nowMillis());
    }
}
