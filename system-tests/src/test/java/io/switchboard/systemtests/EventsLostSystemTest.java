package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Position;
import io.switchboard.systemtests.harness.ForkedInfra;
import io.switchboard.systemtests.harness.Metrics;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The log itself loses events: by retention, or with its topic.
class EventsLostSystemTest {
    private static final Path LOGS = Path.of("target", "system-logs", "events-lost");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static ForkedInfra infra;
    private static SwitchboardSystem everything;

    @BeforeAll
    static void start() {
        infra = ForkedInfra.start(LOGS);
        everything = SwitchboardSystem.start(SwitchboardSystem.Plan.of(infra, LOGS, 1, 1));
    }

    @AfterAll
    static void stop() {
        everything.close();
        infra.close();
    }

    @Test
    void whatRetentionTookBeforeItWasRead_isToldAsLost_andCounted_andTheLaneGoesOn()
            throws Exception {
        try (var system = Stage.on(everything);
                var admin = Admin.create(everything.kafkaSettings("test"))) {
            var ada = system.browser("ada").connect();
            system.send("ada", "m1");
            ada.awaitReceived("m1");

            everything.stopDispatchers();
            system.sendUnpromised("ada", "gone 1");
            var last = Position.parse(system.sendUnpromised("ada", "gone 2"));
            var partition = new TopicPartition(everything.topic().name(), last.partition());
            done(
                    admin.deleteRecords(
                                    Map.of(
                                            partition,
                                            RecordsToDelete.beforeOffset(last.offset() + 1)))
                            .all());
            system.send("ada", "m2");
            everything.startDispatchers();

            ada.awaitReceived("m1", "m2");
            assertThat(ada.lost())
                    .singleElement()
                    .satisfies(
                            told -> {
                                assertThat(told.unknown()).isTrue();
                                assertThat(told.through().offset()).isEqualTo(last.offset());
                            });
            assertThat(Metrics.of(everything.dispatchers().getFirst()).value("gaps_crossed"))
                    .isPositive();
            system.assertPromisesKept();
        }
    }

    @Test
    void topicDeletedAndCreatedAgain_beginsAnew_andOldPositionsAreToldAsLost() throws Exception {
        try (var system = Stage.on(everything);
                var admin = Admin.create(everything.kafkaSettings("test"))) {
            var ada = system.browser("ada").connect();
            var away = system.browser("away").connect();
            var old = Position.parse(system.send("ada", "m1").getFirst());
            system.send("away", "w1");
            ada.awaitReceived("m1");
            away.awaitReceived("w1");
            away.disconnect();
            var dispatcher = everything.dispatchers().getFirst();

            recreate(admin, everything.topic());

            // It stands on what is no more: it ends, and whoever supervises it starts it again.
            await().atMost(PATIENCE).until(() -> !dispatcher.isAlive());
            assertThat(dispatcher.exitCode()).isNotZero();
            dispatcher.restart();
            var anew = firstOfTheNewTopic(system, old.tag());
            ada.awaitLost(told -> told.unknown() && told.through().tag().equals(anew.tag()));
            system.send("ada", "m2");
            system.send("away", "w2");
            away.connect();

            ada.awaitReceived("m1", "m2");
            away.awaitReceived("w1", "w2");
            away.awaitLost(told -> told.unknown() && told.through().tag().equals(anew.tag()));
            system.assertPromisesKept();
        }
    }

    /// The front door notices by itself.
    private static Position firstOfTheNewTopic(Stage system, String oldTag) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> Position.parse(system.sendUnpromised("nobody", "which topic?")),
                        position -> !position.tag().equals(oldTag));
    }

    private static void recreate(Admin admin, EventsTopic topic) throws Exception {
        done(admin.deleteTopics(List.of(topic.name())).all());
        await().atMost(PATIENCE)
                .until(() -> !admin.listTopics().names().get().contains(topic.name()));
        everything.runTool("topics", "create", "--lanes", Integer.toString(topic.partitions()));
    }

    private static void done(KafkaFuture<?> asked) throws Exception {
        asked.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
