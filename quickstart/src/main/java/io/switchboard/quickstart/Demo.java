package io.switchboard.quickstart;

import io.switchboard.quickstart.FrontDoorClient.Sent;
import io.switchboard.quickstart.WatchedAgent.Arrival;
import io.switchboard.runtime.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/// The demonstration: worksheets to two agents, each on an edge of its own; the edge of the first
/// is killed under way.
///
/// *Confined to the thread that runs it.*
final class Demo {
    /// Until the JVMs have compiled what matters: a fresh one is ten times slower.
    static final int WARM_UP = 600;

    static final int MEASURED = 250;
    static final int PER_SECOND = 50;

    /// How long sending goes on after the kill.
    private static final Duration AFTER_KILL = Duration.ofSeconds(4);

    private static final Duration BEFORE_KILL = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final LocalCluster cluster;
    private final FrontDoorClient frontDoor;
    private final WatchedAgent onFirst;
    private final WatchedAgent onSecond;
    private final Map<String, List<String>> sentTo = new HashMap<>();

    /// @param onFirst the agent that is connected to the cluster's first edge
    Demo(
            LocalCluster cluster,
            FrontDoorClient frontDoor,
            WatchedAgent onFirst,
            WatchedAgent onSecond) {
        this.cluster = cluster;
        this.frontDoor = frontDoor;
        this.onFirst = onFirst;
        this.onSecond = onSecond;
    }

    /// How the way of an event divides. Kafka's own timestamp is in whole milliseconds, and so are
    /// the times to and from it.
    record Hops(
            Tally.Times total, Tally.Times accepted, Tally.Times toKafka, Tally.Times toAgent) {}

    /// @param resumedMillis from the kill to the first event on the other edge; absent: never
    record Outcome(Hops hops, int events, Tally tally, OptionalLong resumedMillis) {}

    void warmUp() throws InterruptedException {
        requireOnline();
        for (var i = 0; i < WARM_UP; i++) {
            send(i);
        }
        awaitArrivals();
    }

    /// @throws Failure when something sent did not arrive, with both edges alive
    Hops measure() throws InterruptedException {
        var sent = new ArrayList<Sent>();
        var clock = new Pace();
        for (var i = 0; i < MEASURED; i++) {
            clock.awaitNext();
            sent.add(send(i));
        }
        awaitArrivals();
        return hops(sent);
    }

    /// Sends, kills, goes on sending.
    OptionalLong killAnEdge() throws InterruptedException {
        var clock = new Pace();
        var before = (int) (PER_SECOND * BEFORE_KILL.toSeconds());
        var all = before + (int) (PER_SECOND * AFTER_KILL.toSeconds());
        var killedAt = 0L;
        for (var i = 0; i < all; i++) {
            clock.awaitNext();
            if (i == before) {
                killedAt = System.nanoTime();
                cluster.edge(0).kill();
            }
            send(i);
        }
        onFirst.awaitAll(sentTo(onFirst), PATIENCE);
        onSecond.awaitAll(sentTo(onSecond), PATIENCE);
        return resumedMillis(killedAt);
    }

    int events() {
        return sentTo.values().stream().mapToInt(List::size).sum();
    }

    Tally tally() {
        return tally(onFirst).plus(tally(onSecond));
    }

    private Tally tally(WatchedAgent agent) {
        return Tally.of(sentTo(agent), agent.arrivals().stream().map(Arrival::id).toList());
    }

    private List<String> sentTo(WatchedAgent agent) {
        return sentTo.getOrDefault(agent.uuid(), List.of());
    }

    private OptionalLong resumedMillis(long killedAt) {
        var other = cluster.ports().edges().get(1).port();
        return onFirst.arrivals().stream()
                .filter(each -> each.edge().getPort() == other)
                .mapToLong(each -> Duration.ofNanos(each.nanos() - killedAt).toMillis())
                .findFirst();
    }

    private Sent send(int i) throws InterruptedException {
        var agent = i % 2 == 0 ? onFirst : onSecond;
        var sent = frontDoor.send(agent.uuid());
        sentTo.computeIfAbsent(agent.uuid(), _ -> new ArrayList<>()).add(sent.id());
        return sent;
    }

    private void requireOnline() {
        for (var agent : List.of(onFirst, onSecond)) {
            if (!agent.awaitOnline(PATIENCE)) {
                throw new Failure(
                        "agent %s did not come online within %d s"
                                .formatted(agent.uuid(), PATIENCE.toSeconds()));
            }
        }
    }

    private void awaitArrivals() {
        for (var agent : List.of(onFirst, onSecond)) {
            if (!agent.awaitAll(sentTo(agent), PATIENCE)) {
                throw new Failure(
                        "%d of %d events did not arrive at agent %s within %d s"
                                .formatted(
                                        tally(agent).lost(),
                                        sentTo(agent).size(),
                                        agent.uuid(),
                                        PATIENCE.toSeconds()));
            }
        }
    }

    private Hops hops(List<Sent> sent) {
        var arrivals = new HashMap<String, Arrival>();
        onFirst.arrivals().forEach(each -> arrivals.put(each.id(), each));
        onSecond.arrivals().forEach(each -> arrivals.put(each.id(), each));
        var total = new ArrayList<Long>();
        var accepted = new ArrayList<Long>();
        var toKafka = new ArrayList<Long>();
        var toAgent = new ArrayList<Long>();
        for (var each : sent) {
            var arrival = arrivals.get(each.id());
            if (arrival == null) {
                throw new IllegalStateException(each.id() + " was awaited");
            }
            total.add(arrival.nanos() - each.begunNanos());
            accepted.add(each.acceptedNanos() - each.begunNanos());
            toKafka.add(millis(arrival.sentMillis() - each.begunMillis()));
            toAgent.add(millis(arrival.wallMillis() - arrival.sentMillis()));
        }
        return new Hops(
                Tally.Times.of(total),
                Tally.Times.of(accepted),
                Tally.Times.of(toKafka),
                Tally.Times.of(toAgent));
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    /// A steady rate, whatever each send takes.
    private static final class Pace {
        private long next = System.nanoTime();

        void awaitNext() {
            for (var wait = next - System.nanoTime(); wait > 0; wait = next - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            next += Duration.ofSeconds(1).toNanos() / PER_SECOND;
        }
    }
}
