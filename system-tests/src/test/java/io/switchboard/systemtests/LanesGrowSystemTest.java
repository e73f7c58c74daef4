package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.quickstart.ManagedProcess;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.ForkedInfra;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `migrate partitions` while events flow: from 8 lanes to 16.
class LanesGrowSystemTest {
    private static final Path LOGS = Path.of("target", "system-logs", "lanes-grow");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final Duration AFTER_A_REFUSAL = Duration.ofMillis(100);
    private static final Duration DELAY = Duration.ofSeconds(20);
    private static final int AGENTS = 200;
    private static final int FROM = 8;
    private static final int TO = 16;

    /// The common pool has one thread on a small machine, and connecting needs it.
    private static final Executor THREADS = Executors.newVirtualThreadPerTaskExecutor();

    private static ForkedInfra infra;
    private static SwitchboardSystem system;

    @BeforeAll
    static void start() {
        infra = ForkedInfra.start(LOGS);
        var plan = SwitchboardSystem.Plan.of(infra, LOGS, 2, 2).withLanes(FROM);
        system = SwitchboardSystem.start(plan);
    }

    @AfterAll
    static void stop() {
        system.close();
        infra.close();
    }

    @Test
    void lanesGrowUnderLoad_theToolKilledOnce_nothingLostDoubledOrReordered() throws Exception {
        var flowing = new AtomicBoolean(true);
        try (var stage = Stage.on(system)) {
            var moved = anAgent(stage, "moved", true);
            var stayed = anAgent(stage, "stayed", false);
            var absent = anAgent(stage, "absent", true);
            var asleep = anAgent(stage, "asleep", true);
            var browsers = crowd(stage);
            var atMoved = stage.browser(moved, "clerk").connect();
            var atStayed = stage.browser(stayed, "clerk").connect();
            var atAsleep = stage.browser(asleep).connect();
            stage.send(moved, "m1");
            stage.send(stayed, "s1");
            stage.send(asleep, "z1");
            stage.sendToRole("clerk", "r1");
            atAsleep.awaitReceived("z1");
            atAsleep.disconnect();
            stage.send(asleep, "z2");
            stage.send(absent, "u1", "u2");
            var twice = stage.envelope(List.of(Map.entry(new Target.ToAgent(moved), "m2")));
            stage.promised(post(stage, twice, "twice"), stage.app().agent(moved));
            postDelayed(stage, moved, "m-delayed");
            var load = CompletableFuture.supplyAsync(() -> produce(stage, flowing), THREADS);
            var supervised = supervise(flowing);

            interrupt(grow());
            var again = grow();
            assertThat(again.awaitExit(PATIENCE)).as("it ends").isTrue();
            var said = Files.readString(again.log());
            assertThat(again.exitCode()).as(said).isZero();
            System.out.println(said);

            // A repetition from before, and what lies where addresses lie now.
            assertThat(post(stage, twice, "twice")).isEqualTo("twice#0");
            var after = Position.parse(stage.send(moved, "m3").getFirst());
            assertThat(after.partition()).isGreaterThanOrEqualTo(FROM);
            var same = Position.parse(stage.send(stayed, "s2").getFirst());
            assertThat(same.partition()).isLessThan(FROM);
            stage.sendToRole("clerk", "r2");
            stage.send(asleep, "z3");
            stage.send(absent, "u3");
            atAsleep.connect();
            var atAbsent = stage.browser(absent).connect();
            flowing.set(false);
            supervised.join();
            var sent = load.join();

            assertThat(sent).as("the load went on").hasSizeGreaterThan(AGENTS);
            for (var browser : browsers) {
                browser.awaitReceived(of(sent, browser));
            }
            atAsleep.awaitReceived("z1", "z2", "z3");
            atAbsent.awaitReceived("u1", "u2", "u3");
            atStayed.awaitReceived(4, PATIENCE);
            atMoved.awaitReceived(6, PATIENCE);
            assertThat(agentsTexts(atMoved)).startsWith("m1", "m2").contains("m3", "m-delayed");
            assertThat(atMoved.texts()).containsSubsequence("r1", "r2");
            assertThat(atStayed.texts()).containsSubsequence("s1", "s2");

            atMoved.reload("moved, loaded again");
            atMoved.awaitOnline();
            stage.send(moved, "m4");
            atMoved.awaitReceived(7, PATIENCE);
            assertThat(atMoved.texts().getLast()).isEqualTo("m4");
            browsers.forEach(each -> assertThat(each.lost()).isEmpty());
            for (var each : List.of(atMoved, atStayed, atAsleep, atAbsent)) {
                assertThat(each.lost()).as(each.name()).isEmpty();
            }
            stage.receipts(Duration.ofSeconds(2));
            System.out.printf("lanes grow: %d events, %s%n", sent.size(), stage.verdict());
            stage.assertPromisesKept();
        } finally {
            flowing.set(false);
        }
    }

    private static List<Browser> crowd(Stage stage) {
        var browsers =
                IntStream.range(0, AGENTS)
                        .mapToObj(i -> stage.browser("a" + i))
                        .peek(Browser::startConnecting)
                        .toList();
        browsers.forEach(Browser::awaitOnline);
        return browsers;
    }

    /// One whose lane is another one, or the same, when there are more.
    private static String anAgent(Stage stage, String name, boolean moves) {
        return IntStream.range(0, 100)
                .mapToObj(i -> name + "-" + i)
                .filter(each -> moves(stage.app().agent(each)) == moves)
                .findFirst()
                .orElseThrow();
    }

    private static boolean moves(Address address) {
        return address.partition(FROM) != address.partition(TO);
    }

    private static ManagedProcess grow() {
        return system.startTool(
                "migrate",
                "partitions",
                "--lanes",
                Integer.toString(TO),
                "--redis",
                infra.redisUrl());
    }

    /// When dispatchers are told to end: half-way.
    private static void interrupt(ManagedProcess tool) throws IOException {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> Files.readString(tool.log()).contains("stopping"));
        tool.kill();
    }

    /// As systemd or Kubernetes do: what ended is started again.
    private static CompletableFuture<Void> supervise(AtomicBoolean flowing) {
        return CompletableFuture.allOf(
                system.dispatchers().stream()
                        .map(
                                each ->
                                        CompletableFuture.runAsync(
                                                () -> supervise(each, flowing), THREADS))
                        .toArray(CompletableFuture[]::new));
    }

    private static void supervise(Node node, AtomicBoolean flowing) {
        while (flowing.get()) {
            if (!node.isAlive()) {
                node.restart();
            }
            LockSupport.parkNanos(AFTER_A_REFUSAL.toNanos());
        }
    }

    private static List<String> produce(Stage stage, AtomicBoolean flowing) {
        var texts = new ArrayList<String>();
        var random = ThreadLocalRandom.current();
        while (flowing.get()) {
            var uuid = "a" + random.nextInt(AGENTS);
            var text = uuid + " " + texts.size();
            var envelope = stage.envelope(List.of(Map.entry(new Target.ToAgent(uuid), text)));
            stage.promised(post(stage, envelope, "grow-" + texts.size()), stage.app().agent(uuid));
            texts.add(text);
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return texts;
    }

    /// As a careful upstream system does: until it is accepted.
    private static String post(Stage stage, byte[] envelope, String key) {
        var answer = stage.frontDoor().post(envelope, key);
        while (!answer.accepted()) {
            assertThat(answer.status()).isEqualTo(503);
            LockSupport.parkNanos(AFTER_A_REFUSAL.toNanos());
            answer = stage.frontDoor().post(envelope, key);
        }
        return answer.ids().getFirst();
    }

    private static void postDelayed(Stage stage, String uuid, String text) {
        var envelope =
                Stage.envelope(
                        stage.app(),
                        io.switchboard.systemtests.harness.TestApp.URL,
                        List.of(Map.entry(new Target.ToAgent(uuid), text)));
        ((com.fasterxml.jackson.databind.node.ObjectNode) envelope.path("data").get(0))
                .put("deliver_at", Instant.now().plus(DELAY).toString());
        var id = post(stage, Json.bytes(envelope), "delayed");
        stage.promised(id, stage.app().agent(uuid));
    }

    private static String[] of(List<String> sent, Browser browser) {
        return sent.stream()
                .filter(each -> each.startsWith(browser.name() + " "))
                .toArray(String[]::new);
    }

    private static List<String> agentsTexts(Browser browser) {
        return browser.texts().stream().filter(each -> each.startsWith("m")).toList();
    }
}
