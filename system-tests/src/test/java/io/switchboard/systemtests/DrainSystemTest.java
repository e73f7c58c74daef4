package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Figures;
import io.switchboard.systemtests.harness.Herd;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import io.switchboard.systemtests.harness.Tool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An edge node is emptied while events flow: by `drain` from anywhere, or by SIGTERM.
///
/// With `-Dswitchboard.drain.connections=5000` in the size that was promised, for a machine that
/// does nothing else: five thousand browsers run beside it. That the rate is bounded shows from a
/// thousand on; the slices themselves are DeliveryTest's.
class DrainSystemTest {
    private static final int CONNECTIONS = Integer.getInteger("switchboard.drain.connections", 500);

    /// A drain tells this many a second to go, or fewer.
    private static final int PER_SECOND = 500;

    /// For slices that a busy machine holds back and then does together.
    private static final double UNEVEN = 1.6;

    private static final int EVENTS_A_PAUSE = 10;
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration ARRIVAL = Duration.ofMinutes(2);

    /// Each browser waits up to this long before it connects elsewhere.
    private static final Duration JITTER = Duration.ofSeconds(1);

    /// Nothing but a busy machine makes it longer.
    private static final Duration SLACK = Duration.ofSeconds(15);

    private final Stage stage = Stage.shared();
    private final SwitchboardSystem system = stage.system();
    private final Node edge = system.edges().getFirst();
    private final Node other = system.edges().getLast();

    @AfterEach
    void heal() {
        stage.close();
        system.heal();
    }

    @Test
    void drainFromAnywhere_movesEverybodyInTime_atABoundedRate_andShowsHowItGoes() {
        var said =
                empty(
                        CONNECTIONS,
                        () -> Tool.of(system).run("drain", edge.id(), "--within", "60s"));

        assertThat(said.code()).as(said.toString()).isZero();
        assertThat(said.out())
                .contains("told to drain", "It has ended")
                .containsPattern("\\d+ connections");
        // The lease is given back first, the process ends after it.
        Awaitility.await().atMost(SLACK).until(() -> !edge.isAlive());
    }

    @Test
    void sigterm_doesTheSame() {
        int code = empty(CONNECTIONS / 5, edge::stop);

        assertThat(code).isZero();
    }

    /// @return what emptying said
    private <T> T empty(int count, Supplier<T> emptying) {
        try (var herd = stage.herd(List.of(edge, other), count)) {
            herd.connect(ARRIVAL);
            var flowing = new AtomicBoolean(true);
            var load = CompletableFuture.supplyAsync(() -> produce(herd, flowing));
            long begun = System.nanoTime();
            T said;
            try {
                said = emptying.get();
                herd.awaitAllAt(1, window(count).plus(SLACK));
            } finally {
                flowing.set(false);
            }
            herd.awaitReceived(load.join(), ARRIVAL);

            var moved = herd.onlineAfterMillis(begun);
            int peak = mostInASecond(moved);
            System.out.printf(
                    "%d connections, window %s: at most %d attached within a second, %d events%n",
                    count, window(count), peak, IntStream.of(load.join()).sum());
            Figures.of("drain begun to attached elsewhere", moved)
                    .print()
                    .assertAtMost(100, window(count).plus(SLACK));
            assertThat(peak).isLessThanOrEqualTo((int) (PER_SECOND * UNEVEN));
            stage.assertPromisesKept();
            return said;
        }
    }

    private static Duration window(int count) {
        return Duration.ofMillis(1_000L * count / PER_SECOND).plus(JITTER);
    }

    /// An event for each of them in turn, some hundred a second.
    ///
    /// @return how many each was sent
    private int[] produce(Herd herd, AtomicBoolean flowing) {
        var members = herd.members();
        var sent = new int[members.size()];
        try (var producer = new BulkProducer(stage)) {
            for (int i = 0; flowing.get(); i = (i + 1) % sent.length) {
                var text = "m" + sent[i]++;
                producer.send(stage.app().agent(members.get(i).name()), text);
                if (i % EVENTS_A_PAUSE == 0) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            }
            producer.flush();
        }
        return sent;
    }

    private static int mostInASecond(long[] sortedMillis) {
        int most = 0;
        for (int first = 0, last = 0; last < sortedMillis.length; last++) {
            while (sortedMillis[last] - sortedMillis[first] >= 1_000) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }
}
