package io.switchboard.systemtests;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Figures;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An edge node dies by SIGKILL.
class EdgeKilledSystemTest {
    private static final int BROWSERS = 50;

    private final Stage system = Stage.shared();

    @AfterEach
    void heal() {
        system.close();
        system.system().heal();
    }

    @Test
    void eventsSentWhileTheEdgeNodeDies_arriveOnce_afterReconnect() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");

        system.edgeNodeOf("ada").kill();
        system.send("ada", "m2", "m3");

        ada.awaitReceived("m1", "m2", "m3");
        system.assertPromisesKept();
    }

    @Test
    void edgeNodeThatWasStartedAgain_servesAgain() {
        var edge = system.system().edges().getFirst();
        var ada = system.browserAt(edge, "ada", "ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");

        edge.kill();
        system.send("ada", "m2");
        edge.restart();

        ada.awaitReceived("m1", "m2");
        system.send("ada", "m3");
        ada.awaitReceived("m1", "m2", "m3");
        system.assertPromisesKept();
    }

    @Test
    void browsersOfADeadEdge_resumeElsewhere_soon() {
        var edge = system.system().edges().getFirst();
        var other = system.system().edges().getLast();
        var urls =
                List.of(
                        SwitchboardSystem.webSocketUrl(edge),
                        SwitchboardSystem.webSocketUrl(other));
        var browsers =
                IntStream.range(0, BROWSERS)
                        .mapToObj(
                                i ->
                                        system.browserVia(
                                                turn -> urls.get(turn % 2), "a" + i, "a" + i))
                        .toList();
        browsers.forEach(Browser::startConnecting);
        browsers.forEach(Browser::awaitOnline);

        long killed = System.nanoTime();
        edge.kill();
        try (var producer = new BulkProducer(system)) {
            browsers.forEach(each -> producer.send(system.app().agent(each.name()), "m1"));
            producer.flush();
        }

        browsers.forEach(each -> each.awaitReceived("m1"));
        Figures.of(
                        "edge killed to resumed with the first event",
                        browsers.stream()
                                .mapToLong(
                                        each ->
                                                (each.received().getFirst().atNanos() - killed)
                                                        / 1_000_000)
                                .toArray())
                .print()
                .assertAtMost(99, Duration.ofSeconds(20));
        system.assertPromisesKept();
    }
}
