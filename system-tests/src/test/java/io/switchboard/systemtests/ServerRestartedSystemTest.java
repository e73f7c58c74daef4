package io.switchboard.systemtests;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.Figures;
import io.switchboard.systemtests.harness.Infra;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Kafka or Redis dies by SIGKILL, or is frozen, and comes back.
class ServerRestartedSystemTest {
    private final Stage system = Stage.shared();
    private final List<String> agents = IntStream.range(0, 8).mapToObj(i -> "a" + i).toList();

    @AfterEach
    void leave() {
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
    void redisFrozen_eventsWait_andArriveOnce() {
        var browsers = online();
        Infra.Broken redis = system.system().infra().redisServer();

        redis.freeze();
        agents.forEach(agent -> system.send(agent, "m2"));
        redis.thaw();

        browsers.forEach(each -> each.awaitReceived("m1", "m2"));
        system.assertPromisesKept();
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
