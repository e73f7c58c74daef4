package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.quickstart.FreePorts;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.quickstart.ManagedProcess;
import io.switchboard.schemas.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a newcomer runs first.
class QuickstartSystemTest {
    private static final Duration START = Duration.ofSeconds(120);
    private static final Duration STOP = Duration.ofSeconds(40);
    private static final Duration DEMO = Duration.ofSeconds(240);
    private static final String AGENT = "badf677b-23df-2a5b-23ds-81d18g23ec69";

    /// What `up` takes above its base port with one edge and one dispatcher.
    private static final List<Integer> ABOVE_BASE = List.of(0, 1, 12, 13, 100, 101, 110);

    @TempDir Path folder;

    @Test
    void up_deliversAWorksheetToAnAgent_endsWhenAskedTo_andLeavesNothingBehind() throws Exception {
        var up = up("first");
        try (up) {
            var ready = up.awaitReady(START);
            var children = children(up);
            assertThat(children).hasSizeGreaterThanOrEqualTo(5);

            var agent =
                    run(
                            "agent",
                            JavaModule.OPERATOR,
                            "agent",
                            AGENT,
                            "--count",
                            "1",
                            "--json",
                            "--apps",
                            ready.path("apps").asText(),
                            "--url",
                            ready.path("edges").path(0).asText());
            var send =
                    run(
                            "send",
                            JavaModule.SEND,
                            "--front",
                            ready.path("front_door").asText().replaceAll("/worksheet/.*", ""),
                            "--to",
                            AGENT);

            assertThat(send.awaitExit(START)).isTrue();
            assertThat(send.exitCode()).as(log(send)).isZero();
            assertThat(agent.awaitExit(START)).isTrue();
            assertThat(log(agent)).contains("WorksheetMsg", "你有一条新工单待处理");

            up.terminate();

            assertThat(up.awaitExit(STOP)).isTrue();
            assertThat(up.exitCode()).isZero();
            await().atMost(STOP).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void aSecondUpOnTheSameData_saysSo_andEnds() throws Exception {
        try (var first = up("first")) {
            first.awaitReady(START);

            try (var second = up("second")) {
                assertThat(second.awaitExit(START)).isTrue();
                assertThat(second.exitCode()).isEqualTo(1);
                assertThat(log(second)).contains("another up (process " + first.pid() + ")");
            }
        }
    }

    @Test
    void demo_showsThatNothingIsLostDoubledOrReordered() throws Exception {
        try (var demo = run("demo", JavaModule.DEMO, "--json")) {
            assertThat(demo.awaitExit(DEMO)).isTrue();

            var verdict = lastLine(demo);
            assertThat(verdict.path("lost").asInt(-1)).isZero();
            assertThat(verdict.path("duplicated").asInt(-1)).isZero();
            assertThat(verdict.path("reordered").asInt(-1)).isZero();
            assertThat(verdict.path("events").asInt()).isGreaterThanOrEqualTo(200);
            assertThat(verdict.path("resumed_ms").isNumber()).isTrue();
            assertThat(verdict.path("p50_ms").isNumber()).isTrue();
        }
    }

    private ManagedProcess up(String name) {
        return run(
                name,
                JavaModule.UP,
                "--json",
                "--edges",
                "1",
                "--port",
                Integer.toString(freeBase()),
                "--data",
                folder.resolve("data").toString());
    }

    private ManagedProcess run(String name, JavaModule module, String... arguments) {
        return ManagedProcess.start(
                new ManagedProcess.Command(
                        name,
                        module.command(List.of("-XX:TieredStopAtLevel=1"), List.of(arguments)),
                        folder.resolve(name + ".log")));
    }

    private static int freeBase() {
        return IntStream.generate(FreePorts::next)
                .filter(base -> ABOVE_BASE.stream().allMatch(i -> FreePorts.isFree(base + i)))
                .limit(1)
                .sum();
    }

    private static List<ProcessHandle> children(ManagedProcess process) {
        var up = ProcessHandle.of(process.pid()).orElseThrow();
        return up.descendants().toList();
    }

    private static String log(ManagedProcess process) throws Exception {
        return Files.readString(process.log());
    }

    private static JsonNode lastLine(ManagedProcess process) throws Exception {
        var lines = Files.readAllLines(process.log());
        return Json.MAPPER.readTree(lines.getLast());
    }
}
