package io.switchboard.edge.delivery;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.AppendAnswer;
import io.switchboard.inbox.InMemoryInbox;
import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.EventFrame;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.ReceiptLevel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Plays the dispatcher of one lane: stores events, and says which edges are to be hinted.
public final class Lane {
    public final LaneId id;
    private final InMemoryInbox inbox;
    private long prev = -1;
    private String token = "t0";

    public Lane(LaneId id, InMemoryInbox inbox) {
        this.id = id;
        this.inbox = inbox;
    }

    /// What a dispatcher would send to an edge.
    public record Told(EdgeRef edge, Hint hint) {}

    public Lane begin() {
        return begin(0);
    }

    public Lane begin(long base) {
        inbox.restore(new Inbox.Restore(id, "", token, List.of(), List.of(), List.of(), 0));
        append(
                new Append(
                        id, prev, prev, List.of(), 0, 0, true, true, new Append.Init(token, base)));
        return this;
    }

    public Lane beginAt(long from) {
        prev = from;
        return begin();
    }

    /// Redis was emptied; the lane goes on after `from`, vouching for nothing below `base`.
    public Lane beginAgain(long from, long base) {
        prev = from;
        token += "'";
        return begin(base);
    }

    public long next() {
        return prev + 1;
    }

    public void skipTo(long offset) {
        append(new Append(id, prev, offset - 1, List.of(), 0, 0, true, true, null));
        prev = offset - 1;
    }

    public List<Told> store(Address to, String text) {
        return store(to, text, Long.MAX_VALUE, 1000);
    }

    public List<Told> store(Address to, String text, long expiry, int cap) {
        return store(to, frame(to, prev + 1, text), expiry, cap);
    }

    public List<Told> store(Address to, byte[] frame, long expiry, int cap) {
        long offset = prev + 1;
        var stored =
                new Append.Record(
                        offset,
                        to,
                        "e" + offset,
                        frame,
                        expiry,
                        new Append.Verdict.Store(),
                        ReceiptLevel.FAILURES,
                        cap,
                        1 << 30,
                        List.of(),
                        List.of(),
                        null,
                        null);
        var answer = append(new Append(id, prev, offset, List.of(stored), 0, 0, true, true, null));
        prev = offset;
        var told = new ArrayList<Told>();
        var outcome = answer.outcomes().getFirst();
        for (var edge : outcome.edges()) {
            told.add(new Told(edge, new Hint(to, id, offset, outcome.prev(), expiry, frame)));
        }
        return told;
    }

    public byte[] frame(Address to, long offset, String text) {
        return EventFrame.encode(
                "WorksheetMsg",
                "e" + offset,
                to,
                id.position(offset),
                Instant.EPOCH,
                null,
                null,
                Json.object().put("infos", text));
    }

    private AppendAnswer.Appended append(Append batch) {
        var answer = inbox.append(batch).toCompletableFuture().join();
        if (answer instanceof AppendAnswer.Appended appended) {
            return appended;
        }
        throw new AssertionError("append was answered with " + answer);
    }
}
