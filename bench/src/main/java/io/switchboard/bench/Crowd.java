package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.runtime.Failure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/// A group of browsers, spread over the processes that hold browsers.
///
/// Owned by its case.
final class Crowd implements AutoCloseable {
    /// @param dialect as in `far.Dialect`
    /// @param role that each of them has; empty: none
    record Plan(
            String dialect,
            List<Integer> ports,
            int count,
            String role,
            boolean acknowledges,
            int jitterMillis) {
        static Plan of(String dialect, List<Integer> ports, int count) {
            return new Plan(dialect, ports, count, "", true, 1_000);
        }

        Plan withRole(String role) {
            return new Plan(dialect, ports, count, role, acknowledges, jitterMillis);
        }

        Plan silent() {
            return new Plan(dialect, ports, count, role, false, jitterMillis);
        }
    }

    /// What a group has seen.
    ///
    /// @param micros latencies of the window's events
    /// @param absences in microseconds, of those who came back since it was last asked
    record Seen(
            long received,
            long counted,
            long repeated,
            long skipped,
            long lost,
            long closed,
            int online,
            long lastOnlineNanos,
            Histogram micros,
            Histogram absences) {}

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<Child> processes;
    private final String group;

    private Crowd(List<Child> processes, String group) {
        this.processes = processes;
        this.group = group;
    }

    /// Far ends that need no opening, of one process.
    static Crowd of(Child process, String group) {
        return new Crowd(List.of(process), group);
    }

    /// Returns when all are online.
    static Crowd open(List<Child> processes, String group, Plan plan) {
        var crowd = new Crowd(processes, group);
        int share = (plan.count + processes.size() - 1) / processes.size();
        var answers = new ArrayList<ObjectNode>();
        for (int i = 0; i < processes.size(); i++) {
            int first = i * share;
            var order =
                    crowd.order("open")
                            .put("dialect", plan.dialect)
                            .put("first", first)
                            .put("count", Math.min(share, plan.count - first))
                            .put("app", Rig.APP)
                            .put("secret", Rig.SECRET)
                            .put("role", plan.role)
                            .put("acknowledges", plan.acknowledges)
                            .put("jitter_ms", plan.jitterMillis);
            plan.ports.forEach(order.putArray("ports")::add);
            answers.add(processes.get(i).tell(order));
        }
        for (var each : answers) {
            if (!each.path("done").asBoolean()) {
                throw new Failure(
                        "%d browsers are online of a share of %d (expected: all; see the logs under bench/target/logs)"
                                .formatted(each.path("online").asInt(), share));
            }
        }
        return crowd;
    }

    void measure(long from, long to) {
        processes.forEach(each -> each.tell(order("measure").put("from", from).put("to", to)));
    }

    void cut() {
        processes.forEach(each -> each.tell(order("cut")));
    }

    void leave() {
        processes.forEach(each -> each.tell(order("leave")));
    }

    void comeBack() {
        processes.forEach(each -> each.tell(order("come back")));
    }

    /// @return whether everybody is online
    boolean awaitOnline(Duration atMost) {
        boolean all = true;
        for (var each : processes) {
            all &= await(each, order("await"), atMost);
        }
        return all;
    }

    /// Until so many events are in, in all; by asking often when the crowd is in several processes.
    ///
    /// @return whether they are
    boolean awaitReceived(long events, Duration atMost) {
        if (processes.size() == 1) {
            return await(processes.getFirst(), order("await").put("received", events), atMost);
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        while (received() < events) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private static boolean await(Child process, ObjectNode order, Duration atMost) {
        return process.tell(order.put("patience", atMost.toSeconds())).path("done").asBoolean();
    }

    long received() {
        long received = 0;
        for (var each : processes) {
            received += each.tell(order("await").put("received", 0)).path("received").asLong();
        }
        return received;
    }

    Seen seen() {
        long received = 0;
        long counted = 0;
        long repeated = 0;
        long skipped = 0;
        long lost = 0;
        long closed = 0;
        int online = 0;
        long lastOnline = 0;
        var micros = new Histogram(3);
        var absences = new Histogram(3);
        for (var each : processes) {
            var answer = each.tell(order("tell"));
            received += answer.path("received").asLong();
            counted += answer.path("counted").asLong();
            repeated += answer.path("repeated").asLong();
            skipped += answer.path("skipped").asLong();
            lost += answer.path("lost").asLong();
            closed += answer.path("closed").asLong();
            online += answer.path("online").asInt();
            lastOnline = Math.max(lastOnline, answer.path("last_online").asLong());
            micros.add(unpacked(answer.path("micros").asText()));
            absences.add(unpacked(answer.path("absences").asText()));
        }
        return new Seen(
                received,
                counted,
                repeated,
                skipped,
                lost,
                closed,
                online,
                lastOnline,
                micros,
                absences);
    }

    private static Histogram unpacked(String packed) {
        try {
            var bytes = ByteBuffer.wrap(Base64.getDecoder().decode(packed));
            return Histogram.decodeFromCompressedByteBuffer(bytes, 0);
        } catch (DataFormatException e) {
            throw new IllegalStateException("a histogram of our own", e);
        }
    }

    private ObjectNode order(String what) {
        return Child.order(what).put("group", group).put("patience", PATIENCE.toSeconds());
    }

    /// They leave, and their process forgets them.
    @Override
    public void close() {
        processes.forEach(each -> each.tell(order("close")));
    }
}
