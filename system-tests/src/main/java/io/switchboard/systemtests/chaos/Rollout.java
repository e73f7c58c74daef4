package io.switchboard.systemtests.chaos;

import io.switchboard.systemtests.History;
import io.switchboard.systemtests.harness.AdminPort;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Release;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A release takes another one's place, process by process: edges before dispatchers; back again,
/// by force; once more, dispatchers before edges. While lanes are had by both releases Redis loses
/// everything, and an operator asks for events again.
///
/// After each step every process must be ready: each edge node hears its canary, through whichever
/// dispatcher has its lane.
public record Rollout(Release older, Release newer) implements Course {
    private static final Duration WELL_WITHIN = Duration.ofSeconds(60);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    @Override
    public void run(Strike.Field field, History history) {
        var system = field.system().system();
        var edges = system.edges();
        var dispatchers = system.dispatchers();
        var frontDoor = List.of(system.frontDoor());
        var first = dispatchers.subList(0, 1);
        var others = dispatchers.subList(1, dispatchers.size());
        var steps = new Steps(field, history);

        steps.replace(edges, newer);
        steps.replace(first, newer);
        steps.strike(Strike.OPERATOR_REPLAYS);
        steps.strike(Strike.REDIS_FLUSH);
        steps.replace(others, newer);
        steps.replace(frontDoor, newer);

        steps.putBack(frontDoor, older);
        steps.putBack(edges, older);
        steps.strike(Strike.REDIS_FLUSH);
        steps.putBack(first, older);
        steps.strike(Strike.OPERATOR_RESETS);
        steps.putBack(others, older);

        steps.replace(dispatchers, newer);
        steps.strike(Strike.OPERATOR_RESETS);
        steps.replace(edges, newer);
        steps.replace(frontDoor, newer);
    }

    private record Steps(Strike.Field field, History history) {
        void replace(List<Node> nodes, Release release) {
            for (var node : nodes) {
                step(node, release);
            }
        }

        /// As of a release that is no good: nobody waits for its orderly end.
        void putBack(List<Node> nodes, Release release) {
            for (var node : nodes) {
                node.kill();
                step(node, release);
            }
        }

        private void step(Node node, Release release) {
            history.add(new History.Struck("%s becomes %s".formatted(node, release)));
            node.become(release);
            awaitWell();
        }

        void strike(Strike strike) {
            field.strike(strike, history);
            awaitWell();
        }

        private void awaitWell() {
            field.system().system().nodes().forEach(Steps::awaitWell);
        }

        private static void awaitWell(Node node) {
            long deadline = System.nanoTime() + WELL_WITHIN.toNanos();
            while (true) {
                var said = ready(node);
                if (said.status() == 200) {
                    return;
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(
                            "%s is not ready after %s: %s".formatted(node, WELL_WITHIN, said));
                }
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            }
        }

        private static AdminPort.Answer ready(Node node) {
            try {
                return AdminPort.of(node).ready();
            } catch (UncheckedIOException e) {
                return AdminPort.Answer.none(e);
            }
        }
    }
}
