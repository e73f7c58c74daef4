package io.switchboard.edge.delivery;

import io.switchboard.inbox.Feed;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.ServerFrames;
import org.jspecify.annotations.Nullable;

/// One connection's ear at one address: where it stands, and what may be written to it next.
///
/// `last` never goes back. An entry is written only when it is provably the next one: its `prev`
/// is where the listener stands. Everything else is settled by reading the inbox, and hints that
/// arrive meanwhile are judged after the answer.
///
/// An address that lies in several lanes, since they grew, has a listener in each. They stand in a
/// row: one is silent until everything of the lane before it has been written.
///
/// Owned by the delivery thread.
public final class Listener {
    /// No position yet: the inbox says where to start.
    static final long UNKNOWN = -2;

    final Connection connection;
    final AddressFeed feed;

    private final @Nullable Listener before;
    private @Nullable Listener next;

    /// The inbox answered once.
    private boolean answered;

    /// Its lane is not the first of the row, and the browser does not know of it yet.
    private boolean unknownThere;

    /// The lanes before its own, if nobody listens to them, were told that all is acknowledged.
    private boolean formerSettled;

    /// Its place among the feed's listeners; -1 when it was taken away.
    int slot = -1;

    private long last;

    /// It came with a position.
    private final boolean recovering;

    /// A position of another life of the events topic came with the CONNECT: say so.
    private boolean distrusted;

    /// How far its inbox was looked at before anything of it was written; UNKNOWN: not at all.
    private long seen = UNKNOWN;

    private boolean looked;

    /// Nothing was missing in what was looked at.
    private boolean whole = true;

    /// A call for it is waiting or under way.
    private boolean reading;

    /// [AddressFeed#heard] when that call was made: what was hinted later is judged after it.
    private long heardBefore;

    /// Something was forgotten while the connection was lagging.
    private boolean missed;

    /// Largest offset that this connection acknowledged.
    private long acked = UNKNOWN;

    /// A live event whose acknowledgement is timed, and when it was written; one at a time.
    private long timed = UNKNOWN;

    private long timedMillis;

    /// What was written before the PING that is under way.
    private long pinged = UNKNOWN;

    /// @param before who listens for the same connection to the lane before this one
    Listener(
            Connection connection,
            AddressFeed feed,
            @Nullable Position from,
            @Nullable Listener before) {
        this.connection = connection;
        this.feed = feed;
        this.before = before;
        this.unknownThere = before != null;
        if (before != null) {
            before.next = this;
        }
        this.last = from != null && feed.lane().holds(from) ? from.offset() : UNKNOWN;
        this.recovering = from != null;
        this.distrusted = from != null && last == UNKNOWN;
    }

    public Connection connection() {
        return connection;
    }

    public Address address() {
        return feed.address();
    }

    /// Where it stands.
    public LaneId lane() {
        return feed.lane();
    }

    public Position position() {
        return feed.lane().position(offset());
    }

    public long offset() {
        return Math.max(last, -1);
    }

    /// Whether its browser said where it was.
    public boolean isRecovering() {
        return recovering;
    }

    /// Whether everything behind its position was there when it was looked at.
    public boolean isWhole() {
        return whole;
    }

    boolean looked() {
        return looked;
    }

    long last() {
        return last;
    }

    boolean reading() {
        return reading;
    }

    long acked() {
        return acked;
    }

    boolean gone() {
        return slot < 0;
    }

    // --- its place in the row

    boolean isOldest() {
        return before == null;
    }

    boolean isNewest() {
        return next == null;
    }

    /// True once.
    boolean answers() {
        boolean first = !answered;
        answered = true;
        return first;
    }

    boolean isAnswered() {
        return answered;
    }

    /// Whether its position is the row's: nothing of a later lane was written.
    boolean isWhereItStands() {
        for (var later = next; later != null; later = later.next) {
            if (later.hasBegun()) {
                return false;
            }
        }
        return hasBegun();
    }

    private boolean hasBegun() {
        return before == null || (last >= 0 && !isSilent());
    }

    /// Whether something that comes before its lane is not written yet.
    private boolean isSilent() {
        return before != null && !before.isDone();
    }

    private boolean isDone() {
        return last != UNKNOWN && !reading && !missed && !isSilent();
    }

    private void passOn() {
        if (next != null && isDone()) {
            next.onTurn();
        }
    }

    /// Its lane is the one that is written now.
    private void onTurn() {
        comeIn();
        if (!missed) {
            passOn();
        } else if (connection.isCaughtUp()) {
            read();
        }
    }

    private void comeIn() {
        if (unknownThere && !connection.isAttaching() && !isSilent()) {
            unknownThere = false;
            connection.goesOnIn(this);
        }
    }

    /// The hint path: the only one that an event takes when all is well.
    void onHint(Hint hint, long sentMillis, long nowMillis) {
        if (reading || hint.offset() <= last) {
            return;
        }
        if (!connection.isCaughtUp() || isSilent()) {
            missed = true;
            return;
        }
        // Whether it has expired is for the inbox to say, by its own clock: two clocks would tell
        // the browser and the producer different ends of it.
        if (!follows(hint) || hint.expiry() <= nowMillis) {
            read();
            return;
        }
        if (!connection.mayWrite()) {
            missed = true;
            return;
        }
        last = hint.offset();
        connection.event(hint.frame(), this, sentMillis);
        if (timed == UNKNOWN && !connection.isCanary()) {
            timed = last;
            timedMillis = nowMillis;
        }
    }

    /// `prev` is where we stand, or before it: what lies between was told as lost. A first entry
    /// (`prev` −1) behind a position proves nothing: the shard may have forgotten what was before.
    private boolean follows(Hint hint) {
        return hint.prev() == last || (hint.prev() >= 0 && hint.prev() < last);
    }

    /// Asks the inbox for what comes after `last`, and registers the address if it is not.
    void read() {
        if (reading) {
            return;
        }
        reading = true;
        missed = false;
        feed.onCatchingUp();
        feed.shard().enqueue(new Call.CatchUpOf(this));
    }

    void onCallMade() {
        heardBefore = feed.heard();
    }

    /// Where the call reads from; null: let the inbox say.
    @Nullable Long after() {
        return last == UNKNOWN ? null : Math.max(last, seen);
    }

    /// The inbox answered.
    void onFeed(Feed answer) {
        start(answer);
        if (connection.isAttaching()) {
            look(answer);
            return;
        }
        comeIn();
        var steps = CatchUp.steps(last, answer, feed.isOwn());
        if (isSilent()) {
            endReading();
            missed |= !steps.isEmpty();
            feed.replay(this, heardBefore);
            return;
        }
        for (var step : steps) {
            if (!connection.isCaughtUp() || !connection.mayWrite()) {
                endReading();
                missed = true;
                return;
            }
            write(step);
        }
        if (answer.more()) {
            feed.shard().enqueue(new Call.CatchUpOf(this));
            return;
        }
        endReading();
        feed.replay(this, heardBefore);
        passOn();
    }

    private void start(Feed answer) {
        if (last != UNKNOWN) {
            return;
        }
        // An agent that never acknowledged anything starts where the shard begins to vouch: it
        // has not missed what was before its time.
        last = answer.from() < 0 ? Math.max(-1, answer.standing().base() - 1) : answer.from();
        if (connection.isAttaching()) {
            whole = !distrusted;
        } else if (distrusted) {
            tell(new CatchUp.Step.Lost(0, 0, false, true, last));
        } else if (before == null) {
            connection.joined(this);
        }
        distrusted = false;
    }

    /// Its browser is told first whether all is there: the answers are looked at, page by page,
    /// and read again once it is online. Usually there is nothing, and nothing is read twice.
    private void look(Feed answer) {
        for (var step : CatchUp.steps(Math.max(last, seen), answer, feed.isOwn())) {
            whole &= step instanceof CatchUp.Step.Event;
            missed = true;
            seen = step.through();
        }
        if (answer.more()) {
            feed.shard().enqueue(new Call.CatchUpOf(this));
            return;
        }
        seen = UNKNOWN;
        looked = true;
        endReading();
        feed.replay(this, heardBefore);
        passOn();
        connection.onLooked();
    }

    private void write(CatchUp.Step step) {
        switch (step) {
            case CatchUp.Step.Event(var entry) -> {
                last = entry.offset();
                connection.event(entry.frame(), this, 0);
            }
            case CatchUp.Step.Lost lost -> tell(lost);
        }
    }

    private void tell(CatchUp.Step.Lost lost) {
        last = Math.max(last, lost.through());
        connection.lost(
                new ServerFrames.Lost(
                        feed.address().feed(),
                        lost.expired(),
                        lost.overflow(),
                        lost.acknowledgedElsewhere(),
                        lost.unknown(),
                        position()),
                this);
    }

    private void endReading() {
        reading = false;
        feed.onCaughtUp();
    }

    /// The connection has gone, or the address was taken from it.
    void onGone() {
        if (reading) {
            endReading();
        }
    }

    /// The connection is writable again.
    void onWritable() {
        comeIn();
        if (missed) {
            read();
        }
    }

    /// What a position check shows: is there anything that we have not written?
    void onStanding(Feed.Standing standing) {
        if (reading || last == UNKNOWN) {
            return;
        }
        if (standing.top() > last || standing.base() - 1 > last) {
            if (connection.isCaughtUp() && !isSilent()) {
                feed.shard().countRescued();
                read();
            } else {
                missed = true;
            }
        }
    }

    /// Cumulative; nobody acknowledges what was not written to them.
    void acknowledge(long offset) {
        long lowered = Math.min(offset, last);
        if (lowered >= 0 && lowered > acked) {
            acked = lowered;
            feed.acknowledge(this);
            settleFormerLanes();
            if (timed != UNKNOWN && timed <= acked) {
                timed = UNKNOWN;
                connection.acknowledgedAfter(connection.nowMillis() - timedMillis);
            }
        }
    }

    /// Whoever acknowledges something of a lane has had all that lies in the lanes before it.
    private void settleFormerLanes() {
        if (before != null) {
            before.acknowledge(before.last);
        } else if (!formerSettled) {
            formerSettled = true;
            connection.settleLanesBefore(this);
        }
    }

    void onPing() {
        pinged = last;
    }

    void onPong() {
        acknowledge(pinged);
    }
}
