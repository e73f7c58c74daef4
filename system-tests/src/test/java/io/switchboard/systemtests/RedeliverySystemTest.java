package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.DispatcherGroup;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An operator moves the group's offsets while the dispatchers are stopped.
class RedeliverySystemTest {
    /// At 500 a second per lane: long enough to be killed in the middle.
    private static final int EVENTS = 1_500;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Stage system = Stage.shared();

    @AfterEach
    void leave() {
        system.close();
        system.system().heal();
    }

    @Test
    void resetBackwards_deliversTheRangeAgain_once_besideLiveEvents_alsoAfterAKillInTheMiddle() {
        var ada = system.browser("ada").connect();
        long first = Position.parse(system.send("ada", "m0").getFirst()).offset();
        try (var producer = new BulkProducer(system)) {
            for (int i = 1; i < EVENTS; i++) {
                producer.send(system.app().agent("ada"), "m" + i);
            }
            producer.flush();
        }
        ada.awaitReceived(EVENTS, PATIENCE);

        system.system().stopDispatchers();
        kafkaConsumerGroups("--to-offset", Long.toString(first));
        system.system().startDispatchers();
        ada.awaitReceived(EVENTS + EVENTS / 10, PATIENCE);
        system.send("ada", "live");
        system.system().dispatchers().forEach(Node::kill);
        system.system().startDispatchers();

        ada.awaitReceived(2 * EVENTS + 1, PATIENCE);
        system.send("ada", "last");
        ada.awaitReceived(2 * EVENTS + 2, PATIENCE);
        assertThat(again(ada)).hasSize(EVENTS).doesNotHaveDuplicates();
        assertThat(again(ada).stream().map(RedeliverySystemTest::redelivery).distinct())
                .as("redeliveries of one reset")
                .hasSize(1);
        var texts = ada.texts();
        assertThat(texts.indexOf("live")).isLessThan(texts.lastIndexOf("m" + (EVENTS - 1)));
        assertThat(system.verdict().figures().suppressed()).as("kept by the SDK alone").isZero();
        system.assertPromisesKept();
    }

    @Test
    void skipTo_passesOverEvents_whichEndAsDropped_andAreTold() {
        var ada = system.browser("ada").connect();
        system.send("ada", "m1");
        ada.awaitReceived("m1");

        system.system().stopDispatchers();
        var skipped = List.of(system.send("ada", "m2"), system.send("ada", "m3"));
        var next = system.send("ada", "m4").getFirst();
        system.system().runTool("replay", "--skip-to", next);
        system.system().startDispatchers();

        ada.awaitReceived("m1", "m4");
        ada.awaitLost(told -> told.overflow() == 2);
        skipped.forEach(ids -> system.awaitReceipt(ids.getFirst(), Receipt.Kind.DROPPED));
        system.assertPromisesKept();
    }

    @Test
    void replay_deliversAgain_andUnderTheSameNameNothingMore() {
        var ada = system.browser("ada").connect();
        var bob = system.browser("bob").connect();
        system.send("ada", "m1", "m2");
        system.send("bob", "b1");
        ada.awaitReceived("m1", "m2");
        bob.awaitReceived("b1");

        replay("once");
        ada.awaitReceived("m1", "m2", "m1", "m2");
        replay("once");
        system.send("ada", "m3");
        system.send("bob", "b2");

        ada.awaitReceived("m1", "m2", "m1", "m2", "m3");
        bob.awaitReceived("b1", "b2");
        system.assertPromisesKept();
    }

    private void replay(String id) {
        var address = system.app().agent("ada").toString();
        var tool = system.system();
        var command =
                new java.util.ArrayList<>(List.of("replay", "--since", "10m", "--redelivery", id));
        command.addAll(List.of("--address", address));
        command.addAll(tool.appsAndKey());
        tool.runTool(command.toArray(String[]::new));
    }

    /// Kafka's own tool, on the lane of `ada`.
    private void kafkaConsumerGroups(String... how) {
        var topic = system.system().topic();
        int partition = topic.laneOf(system.app().agent("ada")).partition();
        var command =
                new java.util.ArrayList<>(
                        List.of("--bootstrap-server", system.system().infra().kafka()));
        command.addAll(List.of("--group", DispatcherGroup.NAME));
        command.addAll(List.of("--topic", topic.name() + ":" + partition));
        command.addAll(List.of("--reset-offsets", "--execute"));
        command.addAll(List.of(how));
        ConsumerGroupCommand.main(command.toArray(String[]::new));
        try (var group = system.system().group()) {
            assertThat(group.committed(partition))
                    .satisfies(it -> assertThat(it.metadata()).isEmpty());
        }
    }

    private static List<String> again(Browser browser) {
        return browser.received().stream()
                .map(Browser.Received::event)
                .filter(event -> event.contains("/"))
                .toList();
    }

    private static String redelivery(String event) {
        return event.substring(event.indexOf('/'));
    }
}
