package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// One person, several connections, one after the other or at once.
class ConnectionsSystemTest {
    private final Stage system = Stage.shared();

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void severalTabs_eachReceive_andOneAckHoldsForAll() {
        var tab1 = system.tab("tab1", "ada").connect();
        var tab2 = system.tab("tab2", "ada").connect();

        system.send("ada", "m1", "m2");

        tab1.awaitReceived("m1", "m2");
        tab2.awaitReceived("m1", "m2");
        awaitUnread(0);
        var later = system.tab("later", "ada").connect();
        system.send("ada", "m3");
        later.awaitReceived("m3");
        tab1.awaitReceived("m1", "m2", "m3");
        tab2.awaitReceived("m1", "m2", "m3");
        system.assertPromisesKept();
    }

    @Test
    void tabThatComesBackOnAnotherEdge_goesOnWhereItWas() {
        var edges = system.system().edges();
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");
        var first = system.edgeNodeOf("ada");
        ada.disconnect();
        system.send("ada", "m2", "m3");

        ada.connect();

        ada.awaitReceived("m1", "m2", "m3");
        assertThat(edges).hasSizeGreaterThan(1);
        assertThat(system.edgeNodeOf("ada")).isNotSameAs(first);
        system.assertPromisesKept();
    }

    @Test
    void tabThatIsLoadedAgain_isNotShownWhatItHad() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");

        ada.reload("ada, reloaded").awaitOnline();
        system.send("ada", "m2");

        ada.awaitReceived("m1", "m2");
        system.assertPromisesKept();
    }

    @Test
    void oldClient_withoutSubprotocolAndAck_acknowledgesByPong() {
        var old = system.browser("old", "ada", Browser.Habits.OLD).connect();
        system.send("ada", "m1", "m2");
        old.awaitReceived("m1", "m2");

        awaitUnread(0);

        system.assertPromisesKept();
    }

    @Test
    void browserThatNeverAcknowledges_leavesItsEventsToTheNext() {
        var forgetful =
                system.browser("forgetful", "ada", new Browser.Habits(true, false)).connect();
        system.send("ada", "m1");
        forgetful.awaitReceived("m1");
        forgetful.disconnect();

        var ada = system.browser("ada").connect();

        ada.awaitReceived("m1");
    }

    /// A browser that knows nothing is told how much is unread; asks until it is this many.
    private void awaitUnread(long expected) {
        var count = new AtomicInteger();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(
                        () -> {
                            var name = "asking" + count.incrementAndGet();
                            try (var asking =
                                    system.browser(name, "ada", new Browser.Habits(true, false))
                                            .connect()) {
                                assertThat(asking.unread()).isEqualTo(expected);
                            }
                        });
    }
}
