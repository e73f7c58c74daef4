package io.switchboard.systemtests;

import io.switchboard.systemtests.harness.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Redis loses everything.
class RedisEmptiedSystemTest {
    private final Stage system = Stage.shared();

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void whatNobodyHadAcknowledged_isThereAgain_inOrder() {
        system.send("ada", "m1", "m2");
        system.send("bob", "b1");

        system.system().infra().flushRedis();
        system.send("ada", "m3");

        system.browser("ada").connect().awaitReceived("m1", "m2", "m3");
        system.browser("bob").connect().awaitReceived("b1");
        system.assertPromisesKept();
    }

    @Test
    void pageThatIsOnline_goesOn_andSeesNothingTwice() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");

        system.system().infra().flushRedis();
        system.send("ada", "m2", "m3");

        ada.awaitReceived("m1", "m2", "m3");
        system.assertPromisesKept();
    }
}
