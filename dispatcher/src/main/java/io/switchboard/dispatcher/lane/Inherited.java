package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.Inbox;
import io.switchboard.runtime.Apps;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.LaneId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What a lane that grew out of others must know of them: by which ids a producer's repetition of
/// an event is recognised that lies in the former lane, which letters were re-driven there, and
/// who had been at a role's or app's inbox.
///
/// Owned by the lane's owner.
final class Inherited {
    /// Before every offset of this lane.
    private static final long BEFORE = -1;

    /// Takes a part of it into the shard.
    interface Parts {
        void restore(List<AckedPosition> cursors, List<Inbox.SeenId> ids, Runnable then);
    }

    private final Router router;
    private final Supplier<Apps> apps;
    private final Ports ports;
    private final Answers answers;
    private final Parts parts;
    private final Consumer<Throwable> failed;
    private final Deque<Former> left = new ArrayDeque<>();

    Inherited(
            Router router,
            Supplier<Apps> apps,
            Ports ports,
            Answers answers,
            Parts parts,
            Consumer<Throwable> failed) {
        this.router = router;
        this.apps = apps;
        this.ports = ports;
        this.answers = answers;
        this.parts = parts;
        this.failed = failed;
    }

    /// A lane that addresses of this one lay in.
    ///
    /// @param at when it was cut
    /// @param cut one after the last record of it that counts
    private record Former(LaneId lane, Instant at, long cut) {}

    void restore(Runnable then) {
        left.addAll(formers());
        next(then);
    }

    private List<Former> formers() {
        var topic = router.topic();
        int here = router.lane().partition();
        Map<LaneId, Former> formers = new LinkedHashMap<>();
        for (var growth : topic.grown()) {
            int from = here % growth.from();
            if (from != here) {
                var lane = topic.lane(from);
                formers.put(lane, new Former(lane, growth.at(), growth.cuts().get(from)));
            }
        }
        return List.copyOf(formers.values());
    }

    private void next(Runnable then) {
        var former = left.poll();
        if (former == null) {
            then.run();
            return;
        }
        answers.inThisStep(
                ports.reader().bounds(Ports.Log.ACKS, former.lane()),
                acks ->
                        acks(
                                former,
                                acks.begin(),
                                acks.end(),
                                () -> window(former, () -> next(then))),
                failed);
    }

    private void acks(Former former, long at, long end, Runnable then) {
        if (at >= end) {
            then.run();
            return;
        }
        answers.inThisStep(
                ports.reader().read(Ports.Log.ACKS, former.lane(), at, end),
                chunk ->
                        parts.restore(
                                cursors(former, chunk.records()),
                                AcksTopic.letters(former.lane(), chunk.records()).stream()
                                        .map(Inherited::before)
                                        .toList(),
                                () -> acks(former, chunk.next(), end, then)),
                failed);
    }

    /// An agent that was there before has missed everything in this lane; one that never was
    /// begins where others are.
    private List<AckedPosition> cursors(Former former, List<LogRecord> records) {
        return AcksTopic.positions(former.lane(), records).stream()
                .filter(each -> each.agent() != null)
                .filter(each -> router.topic().laneOf(each.address()).equals(router.lane()))
                .map(
                        each ->
                                new AckedPosition(
                                        each.address(),
                                        each.agent(),
                                        each.tag(),
                                        BEFORE,
                                        BEFORE,
                                        BEFORE))
                .toList();
    }

    private static Inbox.SeenId before(Inbox.SeenId letter) {
        return new Inbox.SeenId(letter.id(), letter.letter(), BEFORE, letter.recordTime());
    }

    /// Only the last minutes before the cut count, so that soon there is nothing to be read.
    private void window(Former former, Runnable then) {
        long since = former.at().minus(Inbox.DEDUPE_WINDOW).toEpochMilli();
        answers.inThisStep(
                ports.reader().offsetAt(former.lane(), since),
                start -> ids(former, start, then),
                failed);
    }

    private void ids(Former former, long at, Runnable then) {
        if (at >= former.cut()) {
            then.run();
            return;
        }
        answers.inThisStep(
                ports.reader().read(Ports.Log.EVENTS, former.lane(), at, former.cut()),
                chunk ->
                        parts.restore(
                                List.of(),
                                idsOf(former, chunk.records()),
                                () -> ids(former, chunk.next(), then)),
                failed);
    }

    private List<Inbox.SeenId> idsOf(Former former, List<LogRecord> records) {
        var there = router.of(former.lane().partition());
        var ids = new ArrayList<Inbox.SeenId>();
        for (var record : records) {
            var entry = there.route(record, apps.get(), 0).entry();
            if (entry == null
                    || entry.verdict() instanceof Append.Verdict.Pass
                    || !router.topic().laneOf(entry.address()).equals(router.lane())) {
                continue;
            }
            for (var id : entry.ids()) {
                ids.add(new Inbox.SeenId(id, false, BEFORE, record.timestamp()));
            }
        }
        return ids;
    }
}
