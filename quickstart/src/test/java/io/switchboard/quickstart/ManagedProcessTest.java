package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagedProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir Path folder;

    @Test
    void theFirstJsonLineSaysThatItIsReady_andAllOutputIsInTheLog() throws Exception {
        try (var process =
                shell(
                        "echo hello; echo '{\"ready\":\"it\",\"port\":7}'; echo oh >&2; exec sleep 60")) {
            assertThat(process.awaitReady(PATIENCE).path("port").intValue()).isEqualTo(7);
            await().untilAsserted(
                            () ->
                                    assertThat(Files.readString(process.log()))
                                            .contains("hello", "ready", "oh"));
        }
    }

    @Test
    void endingBeforeBeingReady_isToldWithExitCodeAndTheLogsEnd() {
        try (var process = shell("echo 'port 80: taken' >&2; exit 2")) {
            assertThatThrownBy(() -> process.awaitReady(PATIENCE))
                    .isInstanceOf(ProcessFailed.class)
                    .hasMessageContaining("ended with exit code 2 before it was ready")
                    .hasMessageContaining("port 80: taken");
        }
    }

    @Test
    void killed_itIsStartedAgainByTheSameCommand() {
        try (var process = shell("echo '{\"pid\":'$$'}'; exec sleep 60")) {
            var first = process.awaitReady(PATIENCE).path("pid").longValue();

            process.kill();

            assertThat(process.isAlive()).isFalse();
            process.restart();
            assertThat(process.awaitReady(PATIENCE).path("pid").longValue())
                    .isEqualTo(process.pid())
                    .isNotEqualTo(first);
        }
    }

    @Test
    void aFrozenProcessIsStopped_orderly() {
        var process = shell("trap 'exit 7' TERM; echo '{}'; while :; do sleep 0.1; done");
        process.awaitReady(PATIENCE);
        process.freeze();

        process.close();

        assertThat(process.exitCode()).isEqualTo(7);
    }

    @Test
    void noChildOutlivesAParentThatWasKilled() {
        var command =
                JavaModule.java(
                        List.of(),
                        System.getProperty("java.class.path"),
                        ParentOfASleeper.class.getName(),
                        List.of(folder.toString()));
        try (var parent =
                ManagedProcess.start(
                        new ManagedProcess.Command("parent", command, folder.resolve("p.log")))) {
            var sleeper = parent.awaitReady(PATIENCE).path("sleeper").longValue();
            assertThat(ProcessHandle.of(sleeper)).isPresent();

            parent.kill();

            await().atMost(PATIENCE)
                    .until(
                            () -> ProcessHandle.of(sleeper).filter(ProcessHandle::isAlive),
                            Optional::isEmpty);
        }
    }

    /// Runs in a JVM of its own.
    static final class ParentOfASleeper {
        public static void main(String[] args) throws InterruptedException {
            var log = Path.of(args[0], "sleeper.log");
            var sleeper =
                    ManagedProcess.start(
                            new ManagedProcess.Command("sleeper", List.of("sleep", "600"), log));
            System.out.println("{\"sleeper\":" + sleeper.pid() + "}");
            Thread.sleep(Duration.ofMinutes(10));
        }
    }

    private ManagedProcess shell(String script) {
        return ManagedProcess.start(
                new ManagedProcess.Command(
                        "it", List.of("/bin/sh", "-c", script), folder.resolve("it.log")));
    }
}
