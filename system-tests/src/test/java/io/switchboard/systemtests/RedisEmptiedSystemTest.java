package io.switchboard.systemtests;

import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.harness.BulkProducer;
import io.switchboard.systemtests.harness.Figures;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TopicReader;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
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

    /// `-Dsystem.unacknowledged=100000` for the figure of the failure table.
    @Test
    void manyUnacknowledgedEvents_areAllThereAgain_andAcknowledgedOnesAreSeenByNobody() {
        int agents = 100;
        int each = Integer.getInteger("system.unacknowledged", 5_000) / agents;
        acknowledge("done-1", "done-2", "done-3");
        try (var producer = new BulkProducer(system)) {
            for (int agent = 0; agent < agents; agent++) {
                for (int i = 0; i < each; i++) {
                    producer.send(system.app().agent("a" + agent), "m" + i);
                }
            }
            producer.flush();
        }
        system.awaitUnread("a" + (agents - 1), each);

        long flushed = System.nanoTime();
        system.system().infra().flushRedis();
        var browsers =
                IntStream.range(0, agents)
                        .mapToObj(i -> system.browser("a" + i).startConnecting())
                        .toList();

        browsers.forEach(it -> it.awaitReceived(each, Duration.ofSeconds(120)));
        Figures.of(
                        "redis emptied to all of %d events read again".formatted(agents * each),
                        browsers.stream()
                                .mapToLong(
                                        it ->
                                                (it.received().getLast().atNanos() - flushed)
                                                        / 1_000_000)
                                .toArray())
                .print()
                .assertAtMost(100, Duration.ofSeconds(60));
        for (var done : List.of("done-1", "done-2", "done-3")) {
            var anew = system.tab(done + " anew", done).connect();
            system.send(done, "later");
            anew.awaitReceived("later");
        }
        system.assertPromisesKept();
    }

    /// Lets each take three events and acknowledge them; returns when that is in the log.
    private void acknowledge(String... agents) {
        for (var agent : agents) {
            var browser = system.browser(agent).connect();
            var ids = system.send(agent, "m1", "m2", "m3");
            browser.awaitReceived("m1", "m2", "m3");
            try (var receipts = new TopicReader(system.system().infra().kafka(), Topics.RECEIPTS)) {
                receipts.await(
                        "acknowledged receipt of " + ids.getLast(),
                        record -> {
                            var receipt = Receipt.decode(record.value());
                            return receipt.id().equals(ids.getLast())
                                    && receipt.kind() == Receipt.Kind.ACKNOWLEDGED;
                        });
            }
            browser.disconnect();
        }
    }
}
