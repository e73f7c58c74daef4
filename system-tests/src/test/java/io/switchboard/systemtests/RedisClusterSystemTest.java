package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.ClusterInfra;
import io.switchboard.systemtests.harness.Figures;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// One of three masters of a Redis Cluster dies: it comes back with nothing, or its replica takes
/// its place, which lacks the last of what the master had.
class RedisClusterSystemTest {
    private static final Path LOGS = Path.of("target", "system-logs", "redis-cluster");

    private static ClusterInfra infra;
    private static SwitchboardSystem everything;

    @BeforeAll
    static void start() {
        infra = ClusterInfra.start(LOGS, 3);
        everything = SwitchboardSystem.start(SwitchboardSystem.Plan.of(infra, LOGS, 1, 2));
    }

    @AfterAll
    static void stop() {
        everything.close();
        infra.close();
    }

    @Test
    void lanesOfTheOtherMastersGoOn_andThoseOfTheLostOneAreFilledAgain_whenItIsBack() {
        try (var system = Stage.on(everything)) {
            var byMaster = agentsByMaster(system);
            int lost = byMaster.keySet().iterator().next();
            var all = byMaster.values().stream().flatMap(List::stream).toList();
            all.forEach(agent -> system.browser(agent).connect());
            all.forEach(agent -> system.send(agent, "m1"));
            all.forEach(agent -> system.browserOf(agent).awaitReceived("m1"));
            byMaster.get(lost).forEach(agent -> system.send("away-" + agent, "w1"));

            infra.kill(lost);
            long killed = System.nanoTime();
            all.forEach(agent -> system.send(agent, "m2"));
            var others = all.stream().filter(it -> !byMaster.get(lost).contains(it)).toList();
            others.forEach(agent -> system.browserOf(agent).awaitReceived("m1", "m2"));
            print("a master of Redis killed to others' next event", killed, system, others);
            assertThat(byMaster.get(lost))
                    .allSatisfy(
                            agent -> assertThat(system.browserOf(agent).texts()).contains("m1"));

            infra.restartEmpty(lost);
            long back = System.nanoTime();
            byMaster.get(lost).forEach(agent -> system.browserOf(agent).awaitReceived("m1", "m2"));
            print(
                    "emptied master is back to its lanes' next event",
                    back,
                    system,
                    byMaster.get(lost));
            all.forEach(agent -> system.send(agent, "m3"));
            all.forEach(agent -> system.browserOf(agent).awaitReceived("m1", "m2", "m3"));
            byMaster.get(lost)
                    .forEach(
                            agent -> system.browser("away-" + agent).connect().awaitReceived("w1"));
            system.assertPromisesKept();
        }
    }

    @Test
    void whatTheReplicaLacks_whenItTakesOver_isStoredAgain_andSeenOnce() {
        try (var system = Stage.on(everything)) {
            var byMaster = new TreeMap<>(agentsByMaster(system));
            int lost = byMaster.lastKey();
            var online = new ArrayList<String>();
            var away = new ArrayList<String>();
            byMaster.get(lost).forEach(it -> (online.size() > away.size() ? away : online).add(it));
            online.forEach(agent -> system.browser(agent).connect());
            infra.addReplica(lost);
            online.forEach(agent -> system.send(agent, "m1"));
            online.forEach(agent -> system.browserOf(agent).awaitReceived("m1"));

            infra.holdUpReplica(lost);
            var mark = "{%d}mark".formatted(laneOf(system, online.getFirst()));
            infra.master(lost).command("SET %s 1".formatted(mark));
            online.forEach(agent -> system.send(agent, "m2"));
            away.forEach(agent -> system.send(agent, "w1", "w2"));
            online.forEach(agent -> system.browserOf(agent).awaitReceived("m1", "m2"));
            away.forEach(agent -> system.awaitUnread(agent, 2));

            long killed = System.nanoTime();
            var promoted = infra.failOver(lost);
            assertThat(promoted.command("EXISTS " + mark)).as("what was lost").isEqualTo(":0");
            online.forEach(agent -> system.send(agent, "m3"));
            online.forEach(agent -> system.browserOf(agent).awaitReceived("m1", "m2", "m3"));
            print("a master of Redis killed to its lanes' next event", killed, system, online);
            away.forEach(agent -> system.browser(agent).connect().awaitReceived("w1", "w2"));
            infra.restart(lost);
            system.assertPromisesKept();
        }
    }

    /// Two agents of each lane.
    private static Map<Integer, List<String>> agentsByMaster(Stage system) {
        return IntStream.range(0, 2 * everything.topic().partitions())
                .mapToObj(
                        i ->
                                IntStream.iterate(i, next -> next + 1_000)
                                        .mapToObj(number -> "a" + number)
                                        .filter(name -> laneOf(system, name) == i / 2)
                                        .findFirst()
                                        .orElseThrow())
                .collect(Collectors.groupingBy(name -> infra.masterOf(laneOf(system, name))));
    }

    private static int laneOf(Stage system, String agent) {
        return everything.topic().laneOf(system.app().agent(agent)).partition();
    }

    private static void print(String what, long since, Stage system, List<String> agents) {
        Figures.of(
                        what,
                        agents.stream()
                                .map(system::browserOf)
                                .mapToLong(browser -> sinceMillis(browser, since))
                                .toArray())
                .print();
    }

    private static long sinceMillis(Browser browser, long since) {
        return Math.max(0, browser.received().getLast().atNanos() - since) / 1_000_000;
    }
}
