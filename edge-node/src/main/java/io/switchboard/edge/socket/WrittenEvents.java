package io.switchboard.edge.socket;

import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one event loop wrote last, and when: nothing else in the system knows. A ring; an event
/// that goes to many connections in one turn takes one place.
///
/// Added to by its event loop, without a lock but one a turn; asked by any thread.
public final class WrittenEvents {
    /// In all of an edge node.
    static final int REMEMBERED = 65_536;

    private final @Nullable LaneId[] lanes;
    private final long[] offsets;
    private final long[] millis;
    private final int[] counts;
    private final String[] connections;

    /// Of this turn, not to be seen yet. *The event loop's.*
    private final ArrayList<Addition> turn = new ArrayList<>();

    private int next;

    /// One event in one turn.
    private static final class Addition {
        final LaneId lane;
        final long offset;
        final String connection;
        int count = 1;

        Addition(LaneId lane, long offset, String connection) {
            this.lane = lane;
            this.offset = offset;
            this.connection = connection;
        }
    }

    /// @param connection the first of them
    /// @param connections to how many it was written in one go
    public record Written(Position position, String connection, int connections, Instant at) {}

    WrittenEvents(int remembered) {
        lanes = new LaneId[remembered];
        offsets = new long[remembered];
        millis = new long[remembered];
        counts = new int[remembered];
        connections = new String[remembered];
    }

    @SuppressWarnings("ReferenceEquality") // usually the same one, which is quicker to see
    void add(LaneId lane, long offset, String connection) {
        if (!turn.isEmpty()) {
            var last = turn.getLast();
            if (last.offset == offset && (last.lane == lane || last.lane.equals(lane))) {
                last.count++;
                return;
            }
        }
        turn.add(new Addition(lane, offset, connection));
    }

    /// What was added in this turn was written at this time.
    void endTurn(long nowMillis) {
        if (turn.isEmpty()) {
            return;
        }
        synchronized (this) {
            for (var each : turn) {
                lanes[next] = each.lane;
                offsets[next] = each.offset;
                millis[next] = nowMillis;
                counts[next] = each.count;
                connections[next] = each.connection;
                next = (next + 1) % lanes.length;
            }
        }
        turn.clear();
    }

    /// Every time that it was written, as far as is remembered; the order says nothing.
    synchronized List<Written> of(Position position) {
        var found = new ArrayList<Written>();
        for (int i = 0; i < lanes.length; i++) {
            var lane = lanes[i];
            if (lane != null && offsets[i] == position.offset() && lane.holds(position)) {
                found.add(
                        new Written(
                                position,
                                connections[i],
                                counts[i],
                                Instant.ofEpochMilli(millis[i])));
            }
        }
        return found;
    }
}
