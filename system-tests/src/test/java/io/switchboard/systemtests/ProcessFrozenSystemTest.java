package io.switchboard.systemtests;

import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A process is stopped (SIGSTOP), others take over, and it goes on as if nothing had been.
class ProcessFrozenSystemTest {
    private final Stage system = Stage.shared();

    @AfterEach
    void heal() {
        system.system().nodes().forEach(node -> node.thaw());
        system.close();
        system.system().heal();
    }

    @Test
    void frozenDispatcher_losesItsLanes_andDoesNoHarmWhenItWakes() {
        var ada = system.browser("ada").connect();
        var bob = system.browser("bob").connect();
        var cid = system.browser("cid").connect();
        var frozen = system.system().dispatchers().getFirst();

        frozen.freeze();
        for (var agent : new String[] {"ada", "bob", "cid"}) {
            system.send(agent, "m1", "m2");
        }
        ada.awaitReceived("m1", "m2");
        bob.awaitReceived("m1", "m2");
        cid.awaitReceived("m1", "m2");
        frozen.thaw();
        for (var agent : new String[] {"ada", "bob", "cid"}) {
            system.send(agent, "m3");
        }

        ada.awaitReceived("m1", "m2", "m3");
        bob.awaitReceived("m1", "m2", "m3");
        cid.awaitReceived("m1", "m2", "m3");
        system.assertPromisesKept();
    }

    @Test
    void browserThatLeavesAFrozenEdge_goesOnElsewhere_andTheThawedEdgeServesAgain() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");
        var frozen = system.edgeNodeOf("ada");

        frozen.freeze();
        system.send("ada", "m2");
        ada.vanishAndReturn();
        ada.awaitReceived("m1", "m2");
        frozen.thaw();
        var bob = system.browserAt(frozen, "bob", "bob").connect();
        system.send("bob", "b1");
        system.send("ada", "m3");

        bob.awaitReceived("b1");
        ada.awaitReceived(3, Duration.ofSeconds(30));
        ada.awaitReceived("m1", "m2", "m3");
        system.assertPromisesKept();
    }
}
