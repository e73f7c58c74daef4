package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The way of an event to each kind of address, nothing broken.
class DeliverySystemTest {
    private final Stage system = Stage.shared();

    @AfterEach
    void leave() {
        system.close();
    }

    @Test
    void eventToAnOnlineAgent_arrives() {
        var ada = system.browser("ada").connect();

        system.send("ada", "你有一条新工单待处理");

        ada.awaitReceived("你有一条新工单待处理");
        assertThat(ada.received().getFirst().payload().path("type").asText())
                .isEqualTo("new_worksheet_to_deal");
        system.assertPromisesKept();
    }

    @Test
    void eventsToAnAbsentAgent_waitForThem_inOrder() {
        var ids = system.send("ada", "m1", "m2", "m3");
        system.awaitReceipt(ids.getLast(), Receipt.Kind.STORED);

        var ada = system.browser("ada").connect();

        ada.awaitReceived("m1", "m2", "m3");
        assertThat(ada.unread()).isEqualTo(3);
        system.assertPromisesKept();
    }

    @Test
    void eventToARole_reachesWhoeverHasIt() {
        var ada = system.browser("ada", "clerk").connect();
        var bob = system.browser("bob", "clerk", "lead").connect();
        var eve = system.browser("eve", "lead").connect();

        system.sendToRole("clerk", "for clerks");
        system.send("eve", "for eve");

        ada.awaitReceived("for clerks");
        bob.awaitReceived("for clerks");
        eve.awaitReceived("for eve");
        system.assertPromisesKept();
    }

    @Test
    void eventToAnApp_reachesEverybodyInIt_andNobodyElse() {
        var ada = system.browser("ada").connect();
        var bob = system.browser("bob", "lead").connect();
        try (var elsewhere = Stage.shared()) {
            var eve = elsewhere.browser("eve").connect();

            system.sendToAll("for all");
            elsewhere.send("eve", "for eve");

            ada.awaitReceived("for all");
            bob.awaitReceived("for all");
            eve.awaitReceived("for eve");
        }
        system.assertPromisesKept();
    }

    @Test
    void oneRequestForSeveralTargets_reachesEachOfThem_andIsAnsweredInTheirOrder() {
        var ada = system.browser("ada", "clerk").connect();
        var bob = system.browser("bob").connect();

        var ids =
                system.post(
                        List.of(
                                Map.entry(new Target.ToAgent("bob"), "for bob"),
                                Map.entry(new Target.ToRole("clerk"), "for clerks"),
                                Map.entry(new Target.ToAgent("ada"), "for ada")));

        assertThat(ids).hasSize(3).doesNotHaveDuplicates();
        bob.awaitReceived("for bob");
        ada.awaitReceived(2, Duration.ofSeconds(30));
        assertThat(ada.texts()).containsExactlyInAnyOrder("for clerks", "for ada");
        assertThat(bob.received().getFirst().event()).isEqualTo(ids.getFirst());
        system.assertPromisesKept();
    }
}
