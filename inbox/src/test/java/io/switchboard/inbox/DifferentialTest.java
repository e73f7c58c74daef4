package io.switchboard.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Append.Verdict;
import io.switchboard.inbox.AppendAnswer.Appended;
import io.switchboard.inbox.AppendAnswer.Behind;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.ReceiptLevel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The same random life, on plain Java and on Redis: every answer is the same. A failure names its
/// seed; `-Dinbox.seeds=N` runs more, `-Dinbox.seed=N` one.
class DifferentialTest {
    private static final List<Address> ADDRESSES =
            List.of(
                    new Address.Agent("desk", "ada"),
                    new Address.Agent("desk", "bob"),
                    new Address.Role("desk", "night"),
                    new Address.App("desk"));
    private static final int STEPS = 250;

    private static final Set<String> MET = new TreeSet<>();

    private static RedisProcess redis;
    private static RedisConnection connection;

    @BeforeAll
    static void start() {
        redis = RedisProcess.launch();
        connection = redis.connection();
    }

    @AfterAll
    static void stop() {
        connection.close();
        redis.close();
    }

    @Test
    void randomLives_haveTheSameAnswers() {
        long only = Long.getLong("inbox.seed", -1);
        long first = only < 0 ? 1 : only;
        long last = only < 0 ? Long.getLong("inbox.seeds", 12) : only;
        for (long seed = first; seed <= last; seed++) {
            new Life(seed).run();
        }
        if (only >= 0) {
            return;
        }
        assertThat(MET)
                .as("what the lives met")
                .contains("Behind", "AcksBehind", "left", "more", "expired", "due", "unread")
                .contains("STORED", "REPEAT", "DELAYED", "GONE", "PASSED", "again")
                .contains("ACKNOWLEDGED", "EXPIRED", "DROPPED", "moved", "cursor")
                .contains("gone expired", "gone overflow", "edges");
    }

    private static void met(String what, boolean really) {
        if (really) {
            MET.add(what);
        }
    }

    /// One lane's, with everything that may happen to it.
    private static final class Life {
        private final long seed;
        private final Random random;
        private final TestClock clock = new TestClock();
        private final InMemoryInbox plain;
        private final RedisInbox real;
        private final LaneId lane;
        private final List<String> story = new ArrayList<>();
        private final List<Append.Record> log = new ArrayList<>();
        private long prev = -1;
        private long end = -1;
        private long recordTime = TestClock.START;
        private long acksOffset;
        private List<OutboxEntry> outbox = List.of();
        private int starts;

        /// Settles and loses nothing, so that the outbox grows.
        private final boolean lazy;

        Life(long seed) {
            this.seed = seed;
            random = new Random(seed);
            lazy = seed % 4 == 0;
            plain = new InMemoryInbox(clock, new Random(seed));
            real = new RedisInbox(connection, () -> Long.toString(clock.millis()));
            lane = new LaneId("s" + seed, random.nextInt(8));
        }

        void run() {
            startLane();
            for (int step = lazy ? -STEPS : 0; step < STEPS; step++) {
                step();
            }
            for (var address : ADDRESSES) {
                both("read " + address, inbox -> inbox.read(lane, address, -1, 50), this::plainly);
            }
        }

        private void step() {
            int chance = random.nextInt(100);
            if (chance < 34) {
                append();
            } else if (chance < 40) {
                appendAgain();
            } else if (chance < 58) {
                ack();
            } else if (chance < 66) {
                attach();
            } else if (chance < 71) {
                read();
            } else if (chance < 75) {
                checkPositions();
            } else if (chance < 79) {
                detachOrForget();
            } else if (chance < 86) {
                if (!lazy) {
                    settle();
                }
            } else if (chance < 93) {
                sweep();
            } else if (chance < 98) {
                pass();
            } else if (chance < 99) {
                lose();
            } else {
                advance();
            }
        }

        private void append() {
            var records = new ArrayList<Append.Record>();
            long offset = end;
            for (int n = random.nextInt(6); n > 0; n--) {
                offset += 1 + random.nextInt(2);
                records.add(record(offset));
            }
            end = offset;
            log.addAll(records);
            acksOffset += random.nextInt(20) == 0 ? 1 : 0;
            answered(send(prev, end, records, null));
        }

        private void answered(AppendAnswer answer) {
            met(answer.getClass().getSimpleName(), true);
            switch (answer) {
                case Appended(var fence, _, _, _, var outcomes, var waiting, var left) -> {
                    prev = Math.max(prev, fence);
                    end = Math.max(end, fence);
                    outbox = waiting;
                    waiting.forEach(Life::meet);
                    outcomes.forEach(Life::meet);
                    met("left", left);
                }
                case Behind(var fence) -> {
                    if (fence == null) {
                        startLane();
                    } else {
                        prev = fence;
                        end = fence;
                    }
                }
                case AppendAnswer.AcksBehind _ -> {
                    settleWith(List.of(), List.of(), 0);
                    end = prev;
                    log.removeIf(each -> each.offset() > prev);
                }
            }
        }

        private static void meet(OutboxEntry entry) {
            switch (entry) {
                case OutboxEntry.Ended ended -> met(ended.kind().name(), true);
                case OutboxEntry.Moved moved ->
                        met(moved.agent() == null ? "moved" : "cursor", true);
            }
        }

        private static void meet(AppendAnswer.Outcome outcome) {
            met(outcome.kind().name(), true);
            met("again", outcome.frame() != null);
            met("edges", outcome.edges().size() > 1);
        }

        private static void meet(Feed feed) {
            met("more", feed.more());
            met("unread", feed.unread() > 0);
            met("gone expired", feed.gone().stream().anyMatch(each -> each.expired() > 1));
            met("gone overflow", feed.gone().stream().anyMatch(each -> each.overflow() > 1));
        }

        private void appendAgain() {
            long from = prev - random.nextInt(8);
            var records =
                    log.stream()
                            .filter(each -> each.offset() > from && each.offset() <= prev)
                            .toList();
            if (from >= -1 && records.size() <= Append.MAX_RECORDS) {
                answered(send(from, Math.max(prev, from), records, null));
            }
        }

        private AppendAnswer send(
                long from, long to, List<Append.Record> records, Append.Init init) {
            var batch =
                    new Append(
                            lane,
                            from,
                            to,
                            records,
                            recordTime,
                            acksOffset,
                            random.nextInt(5) > 0,
                            random.nextInt(4) > 0,
                            init);
            return both(
                    "append (%d, %d] %s".formatted(from, to, words(records)),
                    inbox -> inbox.append(batch),
                    this::plainly);
        }

        private Append.Record record(long offset) {
            var record =
                    TestRecord.of(offset, pick(ADDRESSES))
                            .frame("f".repeat(random.nextInt(30)) + offset)
                            .expiry(clock.millis() + random.nextInt(-5_000, 600_000))
                            .receipts(pick(List.of(ReceiptLevel.values())))
                            .caps(2 + random.nextInt(5), 60 + random.nextInt(60));
            if (random.nextInt(4) == 0) {
                record = record.ids("id" + random.nextInt(6));
            }
            if (random.nextInt(6) == 0) {
                record = record.letters("l" + random.nextInt(6));
            }
            if (random.nextInt(6) == 0) {
                record = record.origin("t." + random.nextInt(2), random.nextInt(40), 0);
            }
            if (random.nextInt(6) == 0) {
                record = record.releases(Math.max(0, offset - random.nextInt(1, 12)));
            }
            return record.verdict(verdict()).build();
        }

        private Verdict verdict() {
            return switch (random.nextInt(12)) {
                case 0, 1 -> new Verdict.Delay(clock.millis() + random.nextInt(100_000));
                case 2 -> new Verdict.Drop();
                case 3 -> new Verdict.Pass();
                default -> new Verdict.Store();
            };
        }

        private void ack() {
            var acks = new ArrayList<Inbox.Ack>();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                acks.add(
                        new Inbox.Ack(
                                pick(ADDRESSES),
                                agent(),
                                Math.max(-1, end - random.nextInt(-2, 15))));
            }
            both("ack " + acks, inbox -> inbox.ack(lane, acks), this::plainly);
        }

        private void attach() {
            var request =
                    new Inbox.Attach(
                            lane,
                            pick(ADDRESSES),
                            agent(),
                            edge(),
                            random.nextInt(4),
                            random.nextBoolean() ? null : end - random.nextInt(20),
                            1 + random.nextInt(5));
            Feed feed = both("" + request, inbox -> inbox.attach(request), this::plainly);
            meet(feed);
        }

        private void read() {
            var address = pick(ADDRESSES);
            long after = Math.max(-1, end - random.nextInt(20));
            int limit = 1 + random.nextInt(5);
            both(
                    "read %s %d %d".formatted(address, after, limit),
                    inbox -> inbox.read(lane, address, after, limit),
                    this::plainly);
        }

        private void checkPositions() {
            var checks =
                    ADDRESSES.stream()
                            .map(each -> new Inbox.Check(each, edge(), random.nextInt(4)))
                            .toList();
            both("positions " + checks, inbox -> inbox.positions(lane, checks), this::plainly);
        }

        private void detachOrForget() {
            var address = pick(ADDRESSES);
            var edge = edge();
            long registration = random.nextInt(4);
            if (random.nextBoolean()) {
                both(
                        "detach %s %s %d".formatted(address, edge, registration),
                        inbox -> inbox.detach(lane, address, edge, registration),
                        each -> "");
            } else {
                both(
                        "forget %s %s".formatted(address, edge),
                        inbox -> inbox.forget(lane, address, List.of(edge)),
                        each -> "");
            }
        }

        private void settle() {
            var drained = outbox.subList(0, random.nextInt(outbox.size() + 1));
            var positions = new ArrayList<AckedPosition>();
            for (var each : drained) {
                if (each instanceof OutboxEntry.Moved moved) {
                    positions.add(
                            new AckedPosition(
                                    moved.address(),
                                    moved.agent(),
                                    lane.tag(),
                                    moved.acked(),
                                    moved.settled(),
                                    moved.gone()));
                }
            }
            if (random.nextInt(6) == 0) {
                long acked = Math.max(-1, Math.min(end, prev) - random.nextInt(10));
                long settled = Math.min(prev, acked + random.nextInt(4));
                positions.add(
                        new AckedPosition(
                                pick(ADDRESSES),
                                random.nextInt(4) == 0 ? "ada" : null,
                                lane.tag(),
                                acked,
                                Math.max(acked, settled),
                                -1));
            }
            long from = acksOffset;
            acksOffset += positions.size();
            settleWith(
                    positions,
                    drained.stream().map(OutboxEntry::id).toList(),
                    random.nextBoolean() ? from : 0);
        }

        private void settleWith(List<AckedPosition> positions, List<String> drained, long from) {
            both(
                    "settle %s %s from %d to %d".formatted(positions, drained, from, acksOffset),
                    inbox ->
                            inbox.settle(
                                    new Inbox.Settle(lane, positions, drained, from, acksOffset)),
                    this::plainly);
        }

        private void sweep() {
            story.add("sweep");
            var one = sweepWhole(plain);
            var other = sweepWhole(real);
            met("expired", one.expired() > 0);
            met("due", !one.due().isEmpty());
            assertThat(other).as(this::whatHappened).isEqualTo(one);
        }

        /// Redis does it in parts.
        private Inbox.Swept sweepWhole(Inbox inbox) {
            int expired = 0;
            var swept = TestLane.await(inbox.sweep(lane));
            for (; swept.more(); swept = TestLane.await(inbox.sweep(lane))) {
                expired += swept.expired();
            }
            return new Inbox.Swept(
                    swept.due().stream().sorted().toList(), expired + swept.expired(), false);
        }

        private void pass() {
            var time =
                    random.nextInt(4) == 0
                            ? Duration.ofMillis(random.nextInt(400_000))
                            : Duration.ofMillis(random.nextInt(3_000));
            story.add("pass " + time);
            clock.pass(time);
            recordTime = clock.millis();
        }

        private void lose() {
            if (lazy) {
                return;
            }
            story.add("lose");
            plain.flush(lane);
            redis.command(
                    "EVAL",
                    "for _, k in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', k) end",
                    "0",
                    "sb:{%d}:%s:*".formatted(lane.partition(), lane.tag()));
        }

        private void advance() {
            long to = end + random.nextInt(-3, 4);
            both("advance " + to, inbox -> inbox.advance(lane, to), each -> "");
            end = Math.max(end, to - 1);
            prev = Math.max(prev, to - 1);
        }

        /// With positions as a topic might hold them, and a few records read again.
        private void startLane() {
            var token = "token" + ++starts;
            var next = token + "'";
            var after = random.nextInt(8) == 0 ? "lost" : token;
            var last = after.equals(token) ? next : token;
            long from = Math.max(-1, end - random.nextInt(30));
            var positions = new ArrayList<AckedPosition>();
            for (var each : ADDRESSES) {
                long acked = Math.max(-1, from + random.nextInt(-5, 8));
                if (random.nextBoolean()) {
                    positions.add(
                            new AckedPosition(
                                    each,
                                    agent(),
                                    lane.tag(),
                                    acked,
                                    acked + random.nextInt(4),
                                    -1));
                }
            }
            var ids = new ArrayList<Inbox.SeenId>();
            for (int n = random.nextInt(5); n > 0; n--) {
                ids.add(
                        new Inbox.SeenId(
                                "id" + random.nextInt(6),
                                random.nextInt(4) == 0,
                                random.nextInt(60),
                                recordTime - random.nextInt(2_000_000)));
            }
            var origins = List.of(new Append.OriginFence("t.0", random.nextInt(20), 0));
            both(
                    "restore %s %s %s".formatted(positions, ids, origins),
                    inbox ->
                            inbox.restore(
                                    new Inbox.Restore(
                                            lane, "", token, positions, List.of(), ids, 0)),
                    each -> "");
            both(
                    "restore after %s".formatted(after),
                    inbox ->
                            inbox.restore(
                                    new Inbox.Restore(
                                            lane,
                                            after,
                                            next,
                                            List.of(),
                                            origins,
                                            List.of(),
                                            acksOffset)),
                    each -> "");
            if (random.nextInt(3) == 0) {
                attach();
            }
            prev = from;
            answered(send(from, from, List.of(), new Append.Init(last, random.nextInt(3) * 5L)));
            var again = log.stream().filter(each -> each.offset() > from).limit(100).toList();
            if (!again.isEmpty()) {
                end = Math.max(end, again.getLast().offset());
                answered(send(prev, again.getLast().offset(), again, null));
            }
            end = prev;
            log.removeIf(each -> each.offset() > prev);
        }

        private <T> T both(
                String what,
                Function<Inbox, CompletionStage<T>> call,
                Function<T, Object> plainly) {
            story.add(what);
            var one = TestLane.await(call.apply(plain));
            var other = TestLane.await(call.apply(real));
            assertThat(plainly.apply(other)).as(this::whatHappened).isEqualTo(plainly.apply(one));
            return one;
        }

        private String whatHappened() {
            return "seed %d:%n%s".formatted(seed, String.join("\n", story));
        }

        private <T> T pick(List<T> from) {
            return from.get(random.nextInt(from.size()));
        }

        private String agent() {
            return random.nextInt(3) == 0 ? null : random.nextBoolean() ? "ada" : "bob";
        }

        private EdgeRef edge() {
            return new EdgeRef("edge-" + random.nextInt(2), 1 + random.nextInt(2));
        }

        // --- answers without what is random or not ordered by contract

        private Object plainly(Object answer) {
            return switch (answer) {
                case null -> "";
                case Appended(
                                var fence,
                                var floor,
                                _,
                                var acks,
                                var outcomes,
                                var waiting,
                                var left) ->
                        List.of(
                                fence,
                                floor,
                                acks,
                                outcomes.stream().map(this::plainly).toList(),
                                waiting,
                                left);
                case AppendAnswer.Outcome(var kind, var before, var edges, var frame, var expiry) ->
                        List.of(
                                kind,
                                before,
                                edges.stream().sorted(Comparator.comparing(EdgeRef::id)).toList(),
                                frame == null ? "" : new String(frame, StandardCharsets.UTF_8),
                                expiry);
                case Feed(
                                var ready,
                                var from,
                                var entries,
                                var gone,
                                var more,
                                var unread,
                                var standing) ->
                        List.of(
                                ready,
                                from,
                                entries.stream().map(this::plainly).toList(),
                                gone,
                                more,
                                unread,
                                plainly(standing));
                case Feed.Entry(var offset, var before, var event, var expiry, var frame) ->
                        List.of(
                                offset,
                                before,
                                event,
                                expiry,
                                new String(frame, StandardCharsets.UTF_8));
                case Feed.Standing(
                                var top,
                                var acked,
                                var settled,
                                var base,
                                var fence,
                                var generation,
                                var registered) ->
                        List.of(top, acked, settled, base, fence, generation.isEmpty(), registered);
                case List<?> list -> list.stream().map(this::plainly).toList();
                default -> answer;
            };
        }

        private static String words(List<Append.Record> records) {
            return records.stream()
                    .map(
                            each ->
                                    "%d %s %s %s exp %d caps %d/%d ids %s %s origin %s releases %s"
                                            .formatted(
                                                    each.offset(),
                                                    each.address(),
                                                    each.verdict(),
                                                    each.receipts(),
                                                    each.expiry() - TestClock.START,
                                                    each.capEntries(),
                                                    each.capBytes(),
                                                    each.ids(),
                                                    each.letterIds(),
                                                    each.origin(),
                                                    each.releases()))
                    .toList()
                    .toString();
        }
    }
}
