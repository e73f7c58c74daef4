package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TestApp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The handler sees each event once, whatever its producer repeats.
class OnceSystemTest {
    private final Stage system = Stage.shared();

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void requestRepeatedUnderItsIdempotencyKey_isOneEvent() {
        var ada = system.browser("ada").connect();
        var key = "key-of-" + system.app().name();
        var envelope = system.envelope(List.of(Map.entry(new Target.ToAgent("ada"), "m1")));

        var first = system.frontDoor().post(envelope, key);
        var second = system.frontDoor().post(envelope, key);
        system.send("ada", "m2");

        assertThat(first.ids()).containsExactly(key + "#0").isEqualTo(second.ids());
        ada.awaitReceived("m1", "m2");
        system.promised(key + "#0", system.app().agent("ada"));
        system.assertPromisesKept();
    }

    @Test
    void recordRepeatedWithItsId_isOneEvent_alsoAfterRedisWasEmptied() {
        var ada = system.browser("ada").connect();
        var id = "id-of-" + system.app().name();
        try (var producer = new BulkProducer(system)) {
            var agent = system.app().agent("ada");
            producer.send(agent, "m1", id, TestApp.URL, _ -> {});
            producer.flush();
            ada.awaitReceived("m1");

            system.system().infra().flushRedis();
            producer.send(agent, "m1", id, TestApp.URL, _ -> {});
            producer.flush();
        }
        system.send("ada", "m2");

        ada.awaitReceived("m1", "m2");
        assertThat(system.verdict().figures().suppressed()).as("kept by the SDK alone").isZero();
        system.assertPromisesKept();
    }

    @Test
    void delayedEvent_comesOnce_atItsTime() {
        var ada = system.browser("ada").connect();
        var due = Instant.now().plusSeconds(3);
        try (var producer = new BulkProducer(system)) {
            producer.send(
                    system.app().agent("ada"),
                    "later",
                    null,
                    TestApp.URL,
                    target -> target.put("deliver_at", due.toString()));
            producer.flush();
        }
        system.send("ada", "now");

        ada.awaitReceived("now", "later");
        assertThat(Instant.now()).isAfterOrEqualTo(due);
        system.assertPromisesKept();
    }
}
