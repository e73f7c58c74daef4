package io.switchboard.systemtests;

import io.switchboard.systemtests.harness.Figures;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Dispatchers die by SIGKILL.
class DispatcherKilledSystemTest {
    private final Stage system = Stage.shared();

    @AfterEach
    void heal() {
        system.close();
        system.system().heal();
    }

    @Test
    void theOtherDispatcherTakesTheLanes_andNothingIsLostOrDoubled() {
        var agents = IntStream.range(0, 8).mapToObj(i -> "agent" + i).toList();
        var browsers = agents.stream().map(uuid -> system.browser(uuid).connect()).toList();
        agents.forEach(uuid -> system.send(uuid, "m1"));
        browsers.forEach(browser -> browser.awaitReceived("m1"));

        long killed = System.nanoTime();
        system.system().dispatchers().getFirst().kill();
        agents.forEach(uuid -> system.send(uuid, "m2"));

        browsers.forEach(browser -> browser.awaitReceived("m1", "m2"));
        Figures.of(
                        "dispatcher killed to its lanes delivering again",
                        browsers.stream()
                                .mapToLong(
                                        each ->
                                                (each.received().getLast().atNanos() - killed)
                                                        / 1_000_000)
                                .toArray())
                .print()
                .assertAtMost(100, Duration.ofSeconds(25));
        system.assertPromisesKept();
    }

    @Test
    void whenAllAreDown_eventsWaitForTheFirstThatComesBack() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");

        system.system().dispatchers().forEach(Node::kill);
        system.send("ada", "m2");
        system.system().dispatchers().getFirst().restart();

        ada.awaitReceived("m1", "m2");
        system.assertPromisesKept();
    }
}
