package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.schemas.Receipt;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TestApp;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What expired or overflowed is told to the browser and to the producer.
class NoSilentHoleSystemTest {
    private final Stage system = Stage.shared();
    private final BulkProducer producer = new BulkProducer(system);

    @AfterEach
    void leave() {
        producer.close();
        system.close();
    }

    @Test
    void expiredEvents_areToldToThePageThatWasAway_andToTheProducer() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");
        ada.disconnect();

        brief("expired-" + system.app().name());
        system.awaitReceipt("expired-" + system.app().name(), Receipt.Kind.EXPIRED);
        ada.connect();

        ada.awaitLost(told -> told.expired() == 1 && told.overflow() == 0);
        system.send("ada", "m2");
        ada.awaitReceived("m1", "m2");
        system.assertPromisesKept();
    }

    @Test
    void eventsBeyondTheCap_areDropped_oldestFirst_andTold() {
        var ada = system.browser("ada").connect();
        var first = system.send("ada", "m1");
        ada.awaitReceived("m1");
        system.awaitReceipt(first.getFirst(), Receipt.Kind.ACKNOWLEDGED);
        ada.disconnect();

        var name = system.app().name();
        for (int i = 0; i < TestApp.BRIEF_CAP + 2; i++) {
            producer.send(
                    system.app().agent("ada"),
                    "capped " + i,
                    "capped-%s-%d".formatted(name, i),
                    TestApp.BRIEF_URL,
                    target -> target.put("ttl", 3_600));
        }
        producer.flush();
        system.awaitReceipt("capped-%s-0".formatted(name), Receipt.Kind.DROPPED);
        system.awaitReceipt("capped-%s-1".formatted(name), Receipt.Kind.DROPPED);
        ada.connect();

        ada.awaitReceived("m1", "capped 2", "capped 3", "capped 4", "capped 5", "capped 6");
        assertThat(ada.lost())
                .singleElement()
                .satisfies(told -> assertThat(told.overflow()).isEqualTo(2));
        system.assertPromisesKept();
    }

    @Test
    void whatAnotherTabAcknowledged_isStillShownToTheOneThatWasAway() {
        var away = system.tab("away", "ada").connect();
        system.send("ada", "m1");
        away.awaitReceived("m1");
        away.disconnect();
        var other = system.tab("other", "ada").connect();
        var ids = system.send("ada", "m2", "m3");
        other.awaitReceived(2, Duration.ofSeconds(30));
        system.awaitReceipt(ids.getLast(), Receipt.Kind.ACKNOWLEDGED);

        away.connect();
        system.send("ada", "m4");

        // Acknowledged entries stay for a few minutes, for tabs that are behind.
        away.awaitReceived("m1", "m2", "m3", "m4");
        await().atMost(Duration.ofSeconds(30))
                .until(
                        () ->
                                other.received()
                                        .getLast()
                                        .payload()
                                        .path("infos")
                                        .asText()
                                        .equals("m4"));
        system.assertPromisesKept();
    }

    private void brief(String id) {
        producer.send(system.app().agent("ada"), "brief", id, TestApp.BRIEF_URL, _ -> {});
        producer.flush();
    }
}
