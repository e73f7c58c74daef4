package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.Figures;
import io.switchboard.systemtests.harness.Handshake;
import io.switchboard.systemtests.harness.Infra;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Kafka or Redis dies by SIGKILL, or is frozen, and comes back.
class ServerRestartedSystemTest {
    private final Stage system = Stage.shared();
    private final List<String> agents = IntStream.range(0, 8).mapToObj(i -> "a" + i).toList();

    @AfterEach
    void leave() {
        system.system().infra().kafkaServer().thaw();
        system.system().infra().redisServer().thaw();
        system.close();
        system.system().heal();
    }

    @Test
    void kafkaKilled_deliveryGoesOn_soonAfterItIsBack() {
        var browsers = online();
        var kafka = system.system().infra().kafkaServer();

        kafka.kill();
        kafka.restart();

        assertDelivers("broker is back to delivering", browsers);
    }

    @Test
    void redisKilled_deliveryGoesOn_soonAfterItIsBack() {
        var browsers = online();
        var redis = system.system().infra().redisServer();

        redis.kill();
        redis.restart();

        assertDelivers("redis is back to delivering", browsers);
    }

    @Test
    void redisFrozen_newBrowsersAreSentAway_eventsWait_andArriveOnce() {
        var browsers = online();
        Infra.Broken redis = system.system().infra().redisServer();

        redis.freeze();
        agents.forEach(agent -> system.send(agent, "m2"));
        system.system().edges().forEach(this::awaitNewBrowsersSentAway);
        assertThat(browsers).allMatch(Browser::isOnline);
        redis.thaw();

        browsers.forEach(each -> each.awaitReceived("m1", "m2"));
        system.browser("new").connect();
        system.assertPromisesKept();
    }

    @Test
    void kafkaFrozen_theFrontDoorSaysNo_andWhatItThenAcceptsArrivesOnce() {
        var browsers = online();
        Infra.Broken kafka = system.system().infra().kafkaServer();
        var key = "key-of-" + system.app().name();
        var envelope = system.envelope(List.of(Map.entry(new Target.ToAgent("a0"), "m2")));

        kafka.freeze();
        var refused = system.frontDoor().post(envelope, key);
        assertThat(browsers).allMatch(Browser::isOnline);
        kafka.thaw();

        assertThat(refused.status()).isEqualTo(503);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> system.frontDoor().post(envelope, key).accepted());
        system.promised(key + "#0", system.app().agent("a0"));
        system.send("a0", "m3");
        system.browserOf("a0").awaitReceived("m1", "m2", "m3");
        system.assertPromisesKept();
    }

    private void awaitNewBrowsersSentAway(Node edge) {
        await().atMost(Duration.ofSeconds(30)).until(() -> Handshake.statusOf(edge) == 503);
    }

    private List<Browser> online() {
        var browsers = agents.stream().map(agent -> system.browser(agent).connect()).toList();
        agents.forEach(agent -> system.send(agent, "m1"));
        browsers.forEach(each -> each.awaitReceived("m1"));
        return browsers;
    }

    private void assertDelivers(String what, List<Browser> browsers) {
        long back = System.nanoTime();
        agents.forEach(agent -> system.send(agent, "m2"));
        browsers.forEach(each -> each.awaitReceived("m1", "m2"));
        Figures.of(
                        what,
                        browsers.stream()
                                .mapToLong(
                                        each ->
                                                (each.received().getLast().atNanos() - back)
                                                        / 1_000_000)
                                .toArray())
                .print()
                .assertAtMost(100, Duration.ofSeconds(25));
        system.assertPromisesKept();
    }
}
