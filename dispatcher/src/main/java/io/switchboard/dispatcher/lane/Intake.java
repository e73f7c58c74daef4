package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Append;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Records that were read and are not yet appended. Bounded: when it is full the stream is held,
/// and flows again when half of it is gone.
///
/// Owned by the lane's owner.
final class Intake {
    private static final int MAX_RECORDS = 2_000;
    private static final long MAX_BYTES = 8L * 1024 * 1024;

    private final Ports.Source source;
    private final ArrayDeque<LogRecord> waiting = new ArrayDeque<>();
    private long bytes;
    private long next;
    private boolean held = true;
    private boolean full;

    Intake(Ports.Source source) {
        this.source = source;
    }

    /// Forgets what is waiting; the next record is the first at or after `from`.
    void restartAt(long from) {
        waiting.clear();
        bytes = 0;
        next = from;
        full = false;
        source.seek(from);
        apply();
    }

    void hold() {
        held = true;
        apply();
    }

    void flow() {
        held = false;
        apply();
    }

    /// The consumer forgets pauses when an assignment changes.
    void apply() {
        if (held || full) {
            source.hold();
        } else {
            source.flow();
        }
    }

    void add(List<LogRecord> records) {
        for (var record : records) {
            if (record.offset() >= next) {
                waiting.add(record);
                bytes += record.bytes();
                next = record.offset() + 1;
            }
        }
        if (!full && (waiting.size() >= MAX_RECORDS || bytes >= MAX_BYTES)) {
            full = true;
            apply();
        }
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    int size() {
        return waiting.size();
    }

    /// The timestamp of the first; 0 when there is none.
    long oldest() {
        var first = waiting.peekFirst();
        return first == null ? 0 : first.timestamp();
    }

    /// As many as one append takes; at least one, if there is one.
    List<LogRecord> batch() {
        var batch = new ArrayList<LogRecord>();
        long size = 0;
        while (!waiting.isEmpty() && batch.size() < Append.MAX_RECORDS) {
            var first = waiting.getFirst();
            if (!batch.isEmpty() && size + first.bytes() > Append.MAX_BYTES) {
                break;
            }
            batch.add(waiting.removeFirst());
            size += first.bytes();
        }
        bytes -= size;
        if (full && waiting.size() <= MAX_RECORDS / 2 && bytes <= MAX_BYTES / 2) {
            full = false;
            apply();
        }
        return batch;
    }
}
