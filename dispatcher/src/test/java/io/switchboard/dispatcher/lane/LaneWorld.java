package io.switchboard.dispatcher.lane;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.switchboard.inbox.Feed;
import io.switchboard.inbox.InMemoryInbox;
import io.switchboard.inbox.Inbox;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.ReceiptLevel;
import io.switchboard.schemas.RedrivenLetter;
import io.switchboard.schemas.Target;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// The world of a few lanes in memory, on virtual time: logs with holes, the group's commits, an
/// inbox that can be emptied or rolled back, and writers that can be made to wait.
final class LaneWorld {
    static final String URL = "/worksheet/send-message";
    static final String TOKEN = "secret-of-helpdesk";
    static final Proof PROOF = new Proof(List.of(new byte[Proof.KEY_BYTES]));
    static final int LANES = 2;
    static final EventsTopic TOPIC = new EventsTopic("worksheet.events", "abcDEF", LANES);

    final Clock clock = new Clock();
    final InMemoryInbox inbox = new InMemoryInbox(clock, new Random(1));
    final Counters<DispatcherCounter> counters =
            new Counters<>(DispatcherCounter.class, new SimpleMeterRegistry());
    final List<List<@Nullable LogRecord>> log = new ArrayList<>();
    final List<List<LogRecord>> acks = new ArrayList<>();
    final long[] begin = new long[2 * LANES];

    /// What lanes that are started from now on know of the topic.
    EventsTopic topic = TOPIC;

    final Map<Integer, Ports.Committed> commits = new HashMap<>();
    final List<CommitMarker> committed = new ArrayList<>();
    final List<Receipt> receipts = new ArrayList<>();
    final List<DeadLetter> letters = new ArrayList<>();
    final List<Hint> hints = new ArrayList<>();
    final List<EdgeRef> hinted = new ArrayList<>();
    final Set<EdgeRef> dead = new java.util.HashSet<>();

    /// Ids that no lease has.
    final Set<String> strangers = new java.util.HashSet<>();

    final List<Host> hosts = new ArrayList<>();

    Apps apps = apps(Apps.Status.ACTIVE, ReceiptLevel.ALL, null);

    /// Nothing that is written is acknowledged while this is true.
    boolean kafkaHoldsAcks;

    /// No lane's stream brings anything.
    boolean stalled;

    /// Every copy is refused for good.
    boolean kafkaRefusesCopies;

    /// What the inbox answers with while it is away.
    @Nullable RuntimeException inboxAway;

    /// Called before each append reaches the shard.
    Runnable beforeAppend = () -> {};

    /// Called before each part of a rebuild does.
    Runnable beforeRestore = () -> {};

    Consumer<Receipt> onReceipt = _ -> {};

    /// While this is true, the inbox hears of a settlement when [#releaseSettlements] is called.
    boolean inboxHoldsSettlements;

    private final List<Runnable> heldSettlements = new ArrayList<>();
    private final List<Runnable> heldAcks = new ArrayList<>();

    static final class Clock implements InstantSource {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        /// While no lane looks.
        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    LaneWorld() {
        for (int p = 0; p < 2 * LANES; p++) {
            log.add(new ArrayList<>());
            acks.add(new ArrayList<>());
        }
    }

    static Apps capped(int entries) {
        return apps(Apps.Status.ACTIVE, ReceiptLevel.ALL, null, entries);
    }

    static Apps apps(Apps.Status status, ReceiptLevel receipts, @Nullable Duration overdueAfter) {
        return apps(status, receipts, overdueAfter, 1_000);
    }

    private static Apps apps(
            Apps.Status status,
            ReceiptLevel receipts,
            @Nullable Duration overdueAfter,
            int capEntries) {
        var app =
                new Apps.App(
                        "helpdesk",
                        status,
                        Set.of("agent"),
                        List.of(Apps.sha256(TOKEN)),
                        Map.of(),
                        null,
                        Set.of());
        var route =
                new Apps.Route(
                        URL,
                        "WorksheetMsg",
                        Duration.ofDays(3),
                        receipts,
                        capEntries,
                        1 << 20,
                        overdueAfter);
        return new Apps(Map.of("helpdesk", app), Map.of(URL, route));
    }

    // --- the log

    /// An agent whose address lies in that lane.
    static Address.Agent agentIn(int lane) {
        return agentIn(lane, 0);
    }

    static Address.Agent agentIn(int lane, int which) {
        for (int i = 0, found = 0; ; i++) {
            var agent = new Address.Agent("helpdesk", "u" + i);
            if (agent.partition(LANES) == lane && found++ == which) {
                return agent;
            }
        }
    }

    static String target(Address.Agent agent, String text, String more) {
        return "{\"uuid\":\"%s\",\"data\":{\"text\":\"%s\"}%s}".formatted(agent.uuid(), text, more);
    }

    static byte[] envelope(String... targets) {
        return "{\"url\":\"%s\",\"chat_token\":\"%s\",\"data\":[%s]}"
                .formatted(URL, TOKEN, String.join(",", targets))
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /// One event for an agent, in its own lane.
    long send(Address.Agent agent, String text) {
        return produce(agent.partition(LANES), envelope(target(agent, text, "")));
    }

    long send(Address.Agent agent, String text, String more) {
        return produce(agent.partition(LANES), envelope(target(agent, text, more)));
    }

    long produce(int lane, byte @Nullable [] value) {
        return produce(lane, null, value, new RecordHeaders());
    }

    long produce(int lane, byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
        var records = log.get(lane);
        records.add(new LogRecord(records.size(), clock.millis(), key, value, headers));
        return records.size() - 1L;
    }

    long produce(ProducerRecord<byte[], byte[]> copy) {
        return produce(copy.partition(), copy.key(), copy.value(), copy.headers());
    }

    long produce(Canary canary, int lane) {
        var record = canary.record(TOPIC.name());
        return produce(lane, record.key(), record.value(), record.headers());
    }

    /// A transaction marker: an offset without a record.
    void hole(int lane) {
        log.get(lane).add(null);
    }

    /// Retention: nothing before that offset is there.
    void retain(int lane, long from) {
        begin[lane] = from;
    }

    List<Origin> copies(int lane) {
        return log.get(lane).stream()
                .filter(each -> each != null && each.header(Origin.HEADER) != null)
                .map(each -> Origin.decode(each.header(Origin.HEADER)))
                .toList();
    }

    // --- the inbox as a browser sees it

    Feed feed(Address address) {
        return done(inbox.read(TOPIC.laneOf(address), address, -1, 1000));
    }

    List<String> texts(Address address) {
        return feed(address).entries().stream()
                .map(entry -> io.switchboard.schemas.Json.readObject(entry.frame()))
                .map(frame -> frame.path("response").path("text").asText())
                .toList();
    }

    void attach(Address address, EdgeRef edge) {
        done(
                inbox.attach(
                        new Inbox.Attach(
                                TOPIC.laneOf(address), address, null, edge, 1, null, 100)));
    }

    void ack(Address address, long offset) {
        done(inbox.ack(TOPIC.laneOf(address), List.of(new Inbox.Ack(address, null, offset))));
    }

    static <T> T done(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    // --- lanes

    Host start(int lane) {
        return start(lane, LaneSettings.DEFAULT);
    }

    Host start(int lane, LaneSettings settings) {
        var host = new Host(lane, settings);
        hosts.add(host);
        host.lane.begin();
        settle();
        return host;
    }

    /// Lets everything happen that needs no time.
    void settle() {
        for (int i = 0; i < 10_000; i++) {
            boolean moved = false;
            for (var host : hosts) {
                moved |= host.turn();
            }
            if (!moved) {
                return;
            }
        }
        throw new AssertionError("the lanes do not come to rest");
    }

    void pass(Duration time) {
        var end = clock.now.plus(time);
        while (clock.now.isBefore(end)) {
            clock.now = clock.now.plusMillis(100);
            for (var host : hosts) {
                if (!host.frozen) {
                    host.lane.tick();
                }
            }
            settle();
        }
    }

    void releaseAcks() {
        kafkaHoldsAcks = false;
        var held = List.copyOf(heldAcks);
        heldAcks.clear();
        held.forEach(Runnable::run);
        settle();
    }

    void releaseSettlements() {
        inboxHoldsSettlements = false;
        heldSettlements.forEach(Runnable::run);
        heldSettlements.clear();
        settle();
    }

    private <T> CompletionStage<T> acknowledge(T value) {
        var stage = new CompletableFuture<T>();
        if (kafkaHoldsAcks) {
            heldAcks.add(() -> stage.complete(value));
        } else {
            stage.complete(value);
        }
        return stage;
    }

    /// One lane in one process.
    final class Host implements Ports.Source {
        final Lane lane;
        final int partition;
        private final ArrayDeque<Runnable> door = new ArrayDeque<>();
        private long position;
        private boolean held = true;
        boolean frozen;

        Host(int partition, LaneSettings settings) {
            this.partition = partition;
            lane =
                    new Lane(
                            new Router(topic, partition, PROOF),
                            () -> apps,
                            settings,
                            new Ports(
                                    watched(),
                                    LaneWorld.this::republish,
                                    this::hint,
                                    outcomes(),
                                    new Commits(),
                                    new Reader(),
                                    this,
                                    edges(),
                                    door::add),
                            counters,
                            clock,
                            new Random(partition));
        }

        private void hint(EdgeRef edge, Hint hint) {
            hinted.add(edge);
            hints.add(hint);
        }

        boolean turn() {
            if (frozen) {
                return false;
            }
            boolean moved = !door.isEmpty();
            for (int left = door.size(); left > 0; left--) {
                door.remove().run();
            }
            if (held || stalled) {
                return moved;
            }
            if (position < begin[partition]) {
                held = true;
                lane.onOutOfRange();
                return true;
            }
            var records = new ArrayList<LogRecord>();
            var all = log.get(partition);
            while (position < all.size()) {
                var next = all.get((int) position++);
                moved = true;
                if (next != null) {
                    records.add(next);
                }
            }
            if (!records.isEmpty()) {
                lane.onRecords(records);
            }
            return moved;
        }

        /// Killed: nothing it had asked for comes back.
        void crash() {
            lane.stop();
            hosts.remove(this);
        }

        @Override
        public void seek(long offset) {
            position = offset;
        }

        @Override
        public void hold() {
            held = true;
        }

        @Override
        public void flow() {
            held = false;
        }

        boolean isHeld() {
            return held;
        }
    }

    private CompletionStage<Void> republish(ProducerRecord<byte[], byte[]> copy) {
        if (kafkaRefusesCopies) {
            return CompletableFuture.failedFuture(new Ports.Refused("too large"));
        }
        produce(copy);
        return this.<Void>acknowledge(null);
    }

    private Ports.Edges edges() {
        return new Ports.Edges() {
            @Override
            public boolean lives(EdgeRef edge) {
                return !dead.contains(edge);
            }

            @Override
            public boolean knows(String id) {
                return !strangers.contains(id);
            }
        };
    }

    private Ports.Outcomes outcomes() {
        return new Ports.Outcomes() {
            @Override
            public CompletionStage<Void> receipt(Receipt receipt) {
                onReceipt.accept(receipt);
                receipts.add(receipt);
                return acknowledge(null);
            }

            @Override
            public CompletionStage<Void> deadLetter(DeadLetter letter) {
                letters.add(letter);
                return acknowledge(null);
            }

            @Override
            public CompletionStage<Long> acked(LaneId lane, AckedPosition position) {
                return acknowledge(writeAck(position));
            }

            @Override
            public CompletionStage<Void> redriven(LaneId lane, RedrivenLetter letter) {
                write(lane.partition(), letter.key(), letter.encode());
                return acknowledge(null);
            }
        };
    }

    long writeAck(AckedPosition position) {
        return write(position.address().partition(LANES), position.key(), position.encode());
    }

    /// What the acks topic says of the address; -1: nothing.
    long ackedInTopic(Address address) {
        return acks.get(address.partition(LANES)).stream()
                .filter(each -> !RedrivenLetter.isKey(each.key()))
                .map(each -> AckedPosition.decode(each.key(), each.value()))
                .filter(each -> each.address().equals(address))
                .mapToLong(AckedPosition::acked)
                .max()
                .orElse(-1);
    }

    private long write(int lane, byte[] key, byte[] value) {
        var partition = acks.get(lane);
        partition.add(
                new LogRecord(partition.size(), clock.millis(), key, value, new RecordHeaders()));
        return partition.size() - 1L;
    }

    private Inbox watched() {
        return (Inbox)
                java.lang.reflect.Proxy.newProxyInstance(
                        Inbox.class.getClassLoader(),
                        new Class<?>[] {Inbox.class},
                        (_, method, arguments) -> {
                            if (inboxAway != null) {
                                return CompletableFuture.failedFuture(inboxAway);
                            }
                            if (method.getName().equals("append")) {
                                beforeAppend.run();
                            }
                            if (method.getName().equals("restore")) {
                                beforeRestore.run();
                            }
                            if (inboxHoldsSettlements && method.getName().equals("settle")) {
                                return held((Inbox.Settle) arguments[0]);
                            }
                            return method.invoke(inbox, arguments);
                        });
    }

    private CompletionStage<Inbox.SettleAnswer> held(Inbox.Settle settle) {
        var answer = new CompletableFuture<Inbox.SettleAnswer>();
        heldSettlements.add(() -> inbox.settle(settle).thenAccept(answer::complete));
        return answer;
    }

    private final class Commits implements Ports.Commits {
        @Override
        public CompletionStage<Ports.@Nullable Committed> committed(LaneId lane) {
            return CompletableFuture.completedFuture(commits.get(lane.partition()));
        }

        @Override
        public CompletionStage<Void> commit(LaneId lane, long offset, CommitMarker marker) {
            commits.put(lane.partition(), new Ports.Committed(offset, marker.encode()));
            committed.add(marker);
            return CompletableFuture.completedFuture(null);
        }
    }

    private final class Reader implements Ports.LogReader {
        @Override
        public CompletionStage<Ports.Bounds> bounds(Ports.Log which, LaneId lane) {
            int p = lane.partition();
            return CompletableFuture.completedFuture(
                    which == Ports.Log.EVENTS
                            ? new Ports.Bounds(begin[p], log.get(p).size())
                            : new Ports.Bounds(0, acks.get(p).size()));
        }

        @Override
        public CompletionStage<Long> offsetAt(LaneId lane, long timestamp) {
            var all = log.get(lane.partition());
            for (long at = begin[lane.partition()]; at < all.size(); at++) {
                var each = all.get((int) at);
                if (each != null && each.timestamp() >= timestamp) {
                    return CompletableFuture.completedFuture(at);
                }
            }
            return CompletableFuture.completedFuture((long) all.size());
        }

        @Override
        public CompletionStage<Ports.Chunk> read(Ports.Log which, LaneId lane, long from, long to) {
            List<? extends @Nullable LogRecord> all =
                    which == Ports.Log.EVENTS
                            ? log.get(lane.partition())
                            : acks.get(lane.partition());
            long at = which == Ports.Log.EVENTS ? Math.max(from, begin[lane.partition()]) : from;
            var found = new ArrayList<LogRecord>();
            while (at < Math.min(to, all.size()) && found.size() < 3) {
                var each = all.get((int) at++);
                if (each != null) {
                    found.add(each);
                }
            }
            return CompletableFuture.completedFuture(
                    new Ports.Chunk(found, at >= all.size() ? to : at));
        }
    }

    /// A target as our own processes write it.
    static Target to(Address.Agent agent, String text) {
        return new Target(
                0,
                new Target.ToAgent(agent.uuid()),
                io.switchboard.schemas.Json.object().put("text", text),
                null,
                null,
                null);
    }
}
