package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir Path folder;

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Supervisor supervisor = new Supervisor(said::add);

    @Test
    void whatWasKilledIsStartedAgain_andSaidSo() {
        try (var process = sleeper()) {
            supervisor.watch(List.of(part(process)));
            var pid = process.pid();

            process.kill();

            await().atMost(PATIENCE).until(() -> said.size() == 2);
            assertThat(said.getFirst())
                    .startsWith("it ended with exit code 137: starting it again");
            assertThat(said.getLast()).isEqualTo("it is back");
            assertThat(process.isAlive()).isTrue();
            assertThat(process.pid()).isNotEqualTo(pid);
            supervisor.stop();
        }
    }

    @Test
    void whatWasStoppedStaysStopped() {
        try (var process = sleeper()) {
            supervisor.watch(List.of(part(process)));

            supervisor.stop();
            process.kill();

            await().during(Duration.ofMillis(300))
                    .until(() -> said.isEmpty() && !process.isAlive());
        }
    }

    private ManagedProcess sleeper() {
        var process =
                ManagedProcess.start(
                        new ManagedProcess.Command(
                                "it",
                                List.of("/bin/sh", "-c", "echo '{}'; exec sleep 60"),
                                folder.resolve("it.log")));
        process.awaitReady(PATIENCE);
        return process;
    }

    private static Part part(ManagedProcess process) {
        return new Part(process, () -> process.awaitReady(PATIENCE));
    }
}
