package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class LifecycleTest {
    @Test
    void close_closesInReverse_evenWhenOneFails() {
        var closed = new ArrayList<String>();
        try (var life = new Lifecycle()) {
            life.open(() -> closed.add("first"));
            life.open(
                    () -> {
                        throw new IllegalStateException("will not");
                    });
            life.open(() -> closed.add("last"));
        }

        assertThat(closed).containsExactly("last", "first");
    }

    @Test
    void sigterm_closesAndEndsWithCode0_andStandardOutputHasOnlyTheReadyLine() throws Exception {
        var process = fork("wait");
        try (var out = reader(process)) {
            assertThat(out.readLine())
                    .isEqualTo("{\"ready\":\"test\",\"id\":\"t-1\",\"admin_port\":7}");

            // Not process.destroy(), which closes the streams that are still to be read.
            process.toHandle().destroy();

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(out.readLine()).isEqualTo("closed");
            assertThat(errOf(process)).contains("INFO  LifecycleTest  Running  edge=e1");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void fatal_closesAndEndsWithCode1() throws Exception {
        var process = fork("fatal");
        try (var out = reader(process)) {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(out.lines()).contains("closed");
            assertThat(errOf(process)).contains("Fatal: this process stops").contains("oops");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void sigterm_doesNotWaitForever_forWhatDoesNotClose() throws Exception {
        var process = fork("stuck");
        try (var out = reader(process)) {
            out.readLine();

            process.toHandle().destroy();

            assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("less than GRACE").isTrue();
            assertThat(process.exitValue()).isEqualTo(1);
            assertThat(errOf(process)).contains("Not stopped within 1 s: ending as is");
        } finally {
            process.destroyForcibly();
        }
    }

    private static BufferedReader reader(Process process) {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    private static String errOf(Process process) throws Exception {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static Process fork(String how) throws Exception {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Waiting.class.getName(),
                        how)
                .start();
    }

    static final class Waiting {
        private Waiting() {}

        public static void main(String... args) throws InterruptedException {
            boolean stuck = args[0].equals("stuck");
            try (var life = stuck ? new Lifecycle(Duration.ofSeconds(1)) : new Lifecycle()) {
                life.open(() -> System.out.println("closed"));
                if (stuck) {
                    life.open(() -> new CountDownLatch(1).await());
                }
                LoggerFactory.getLogger(LifecycleTest.class)
                        .atInfo()
                        .addKeyValue("edge", "e1")
                        .log("Running");
                Ready.print("test", "t-1", null, 7);
                if (args[0].equals("fatal")) {
                    life.fatal(new IllegalStateException("oops"));
                }
                life.awaitStop();
            }
        }
    }
}
