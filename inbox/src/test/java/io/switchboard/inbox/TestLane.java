package io.switchboard.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.AppendAnswer.Appended;
import io.switchboard.inbox.AppendAnswer.Outcome;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// A lane as its owner drives it: remembers what it has accounted for, and waits for answers.
final class TestLane {
    static final EdgeRef EDGE = new EdgeRef("edge-1", 7);

    final LaneId id;
    final Inbox inbox;
    long prev;
    long recordTime = TestClock.START;
    long acksOffset;
    boolean caps = true;

    /// Of the last part of a rebuild.
    private String token = "";

    TestLane(Inbox inbox, LaneId id) {
        this.inbox = inbox;
        this.id = id;
    }

    /// As a lane start on an empty shard does: nothing to restore, and the fence at `prev`.
    TestLane started(long at) {
        token = "";
        restore("token", List.of());
        prev = at;
        return initialised("token", 0);
    }

    TestLane started() {
        return started(-1);
    }

    TestLane initialised(String token, long base) {
        var answer = append(prev, prev, new Append.Init(token, base));
        assertThat(answer).isInstanceOf(Appended.class);
        return this;
    }

    void restore(String token, List<AckedPosition> positions) {
        restore(token, positions, List.of(), List.of());
    }

    /// Another part, if it is the last one's token; otherwise a rebuild begins.
    void restore(
            String token,
            List<AckedPosition> positions,
            List<Append.OriginFence> origins,
            List<Inbox.SeenId> ids) {
        restoreAfter(token.equals(this.token) ? token : "", token, positions, origins, ids);
    }

    void restoreAfter(
            String after,
            String token,
            List<AckedPosition> positions,
            List<Append.OriginFence> origins,
            List<Inbox.SeenId> ids) {
        this.token = token;
        await(
                inbox.restore(
                        new Inbox.Restore(id, after, token, positions, origins, ids, acksOffset)));
    }

    AppendAnswer append(long from, long to, Append.Init init, TestRecord... records) {
        return await(
                inbox.append(
                        new Append(
                                id,
                                from,
                                to,
                                Arrays.stream(records).map(TestRecord::build).toList(),
                                recordTime,
                                acksOffset,
                                caps,
                                true,
                                init)));
    }

    /// The next batch, through its last record.
    Appended store(TestRecord... records) {
        long end =
                records.length == 0 ? prev : Math.max(prev, records[records.length - 1].offset());
        var answer = append(prev, end, null, records);
        assertThat(answer).isInstanceOf(Appended.class);
        prev = end;
        return (Appended) answer;
    }

    /// The same batch again, as after a restart.
    Appended storeAgain(long from, TestRecord... records) {
        return (Appended) append(from, records[records.length - 1].offset(), null, records);
    }

    Outcome.Kind[] kinds(Appended answer) {
        return answer.outcomes().stream().map(Outcome::kind).toArray(Outcome.Kind[]::new);
    }

    Appended beat() {
        return store();
    }

    Feed attach(Address address) {
        return attach(address, null, null);
    }

    Feed attach(Address address, String agent, Long after) {
        return attach(address, agent, after, EDGE, 1);
    }

    Feed attach(Address address, String agent, Long after, EdgeRef edge, long registration) {
        return await(
                inbox.attach(new Inbox.Attach(id, address, agent, edge, registration, after, 100)));
    }

    Feed read(Address address, long after) {
        return await(inbox.read(id, address, after, 100));
    }

    Feed.Standing ack(Address address, long offset) {
        return ack(address, null, offset);
    }

    Feed.Standing ack(Address address, String agent, long offset) {
        return await(inbox.ack(id, List.of(new Inbox.Ack(address, agent, offset)))).getFirst();
    }

    Feed.Standing standing(Address address) {
        return standing(address, EDGE, 1);
    }

    Feed.Standing standing(Address address, EdgeRef edge, long registration) {
        return await(inbox.positions(id, List.of(new Inbox.Check(address, edge, registration))))
                .getFirst();
    }

    Inbox.Swept sweep() {
        return await(inbox.sweep(id));
    }

    List<AckedPosition> settle(List<AckedPosition> positions, List<String> drained) {
        return switch (settle(positions, drained, 0)) {
            case Inbox.SettleAnswer.Settled(var held) -> held;
            case Inbox.SettleAnswer.AcksBehind(long applied) ->
                    throw new AssertionError("the shard has applied the acks only to " + applied);
        };
    }

    Inbox.SettleAnswer settle(List<AckedPosition> positions, List<String> drained, long from) {
        return await(inbox.settle(new Inbox.Settle(id, positions, drained, from, acksOffset)));
    }

    /// As the lane does with what an append answered: the topics have it, Redis forgets it.
    List<OutboxEntry> drain() {
        var outbox = beat().outbox();
        settle(
                outbox.stream()
                        .filter(OutboxEntry.Moved.class::isInstance)
                        .map(each -> position((OutboxEntry.Moved) each))
                        .toList(),
                outbox.stream().map(OutboxEntry::id).toList());
        return outbox;
    }

    AckedPosition position(OutboxEntry.Moved moved) {
        return new AckedPosition(
                moved.address(),
                moved.agent(),
                id.tag(),
                moved.acked(),
                moved.settled(),
                moved.gone());
    }

    AckedPosition position(Address address, long acked, long settled) {
        return new AckedPosition(address, null, id.tag(), acked, settled, -1);
    }

    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
