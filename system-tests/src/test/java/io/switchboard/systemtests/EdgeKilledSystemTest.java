package io.switchboard.systemtests;

import io.switchboard.systemtests.harness.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An edge node dies by SIGKILL.
class EdgeKilledSystemTest {
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
}
