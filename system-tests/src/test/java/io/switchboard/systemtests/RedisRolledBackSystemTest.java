package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.ForkedInfra;
import io.switchboard.systemtests.harness.RedisCopy;
import io.switchboard.systemtests.harness.Stage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Redis comes back with less than it had: with the end of its log cut off, or with a copy of its
/// files from before.
class RedisRolledBackSystemTest {
    private static final String MARK = "rolled-back-mark";

    private final Stage system = Stage.shared();
    private final ForkedInfra infra = (ForkedInfra) system.system().infra();
    private final RedisCopy copy = new RedisCopy(infra.redisData());

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void endOfItsLogCutOff_whatItForgotIsStoredAgain_andSeenOnce() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");

        sendMany("bob");
        infra.redis().command("SET " + MARK + " 1");
        infra.redis().kill();
        copy.cutOff(20_000);
        infra.redis().restart();

        assertForgot();
        assertNothingIsMissing();
    }

    @Test
    void olderCopyOfItsFiles_whatItForgotIsStoredAgain_andSeenOnce() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");

        copy.take();
        infra.redis().command("SET " + MARK + " 1");
        sendMany("bob");
        infra.redis().kill();
        copy.putBack();
        infra.redis().restart();

        assertForgot();
        assertNothingIsMissing();
    }

    /// To somebody who is not there; returns when they are stored.
    private void sendMany(String uuid) {
        try (var producer = new BulkProducer(system)) {
            for (int i = 0; i < 300; i++) {
                producer.send(system.app().agent(uuid), "b" + i);
            }
            producer.flush();
        }
        system.awaitUnread(uuid, 300);
    }

    /// Else the test would show nothing.
    private void assertForgot() {
        assertThat(infra.redis().command("EXISTS " + MARK)).isEqualTo(":0");
    }

    private void assertNothingIsMissing() {
        system.send("ada", "m2");
        system.send("bob", "last");
        system.browserOf("ada").awaitReceived("m1", "m2");
        var bob = system.browser("bob").connect();
        bob.awaitReceived(
                IntStream.rangeClosed(0, 300)
                        .mapToObj(i -> i == 300 ? "last" : "b" + i)
                        .toArray(String[]::new));
        system.assertPromisesKept();
    }
}
