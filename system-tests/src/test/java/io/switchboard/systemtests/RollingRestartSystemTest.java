package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Everything of ours is stopped and started again, one after the other, while events and browsers
/// go on: a release.
class RollingRestartSystemTest {
    private static final int AGENTS = 20;
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Duration AFTER_A_REFUSAL = Duration.ofMillis(100);

    private final Stage stage = Stage.shared();
    private final SwitchboardSystem system = stage.system();

    @AfterEach
    void heal() {
        stage.close();
        system.heal();
    }

    @Test
    void everyProcessStartedAgain_underLoad_losesAndDoublesNothing() {
        var browsers =
                IntStream.range(0, AGENTS)
                        .mapToObj(i -> stage.browser("a" + i))
                        .peek(Browser::startConnecting)
                        .toList();
        browsers.forEach(Browser::awaitOnline);
        var flowing = new AtomicBoolean(true);
        var load = CompletableFuture.supplyAsync(() -> produce(flowing));

        try {
            for (var node : system.nodes()) {
                assertThat(node.stop()).as("%s ends by itself", node).isZero();
                node.restart();
            }
        } finally {
            flowing.set(false);
        }

        var sent = load.join();
        assertThat(sent).as("the load went on").hasSizeGreaterThan(AGENTS);
        for (var browser : browsers) {
            browser.awaitReceived(
                    sent.stream()
                            .filter(each -> each.startsWith(browser.name() + " "))
                            .toArray(String[]::new));
        }
        System.out.printf("rolling restart: %d events%n", sent.size());
        stage.assertPromisesKept();
    }

    /// As a careful upstream system does: each event under a key of its own, repeated until it is
    /// accepted.
    ///
    /// @return the texts, in the order in which they were accepted
    private List<String> produce(AtomicBoolean flowing) {
        var texts = new ArrayList<String>();
        var random = ThreadLocalRandom.current();
        while (flowing.get()) {
            var uuid = "a" + random.nextInt(AGENTS);
            var text = uuid + " " + texts.size();
            var key = "roll-%s-%d".formatted(stage.app().name(), texts.size());
            var envelope = stage.envelope(List.of(Map.entry(new Target.ToAgent(uuid), text)));
            var answer = stage.frontDoor().post(envelope, key);
            while (!answer.accepted()) {
                LockSupport.parkNanos(AFTER_A_REFUSAL.toNanos());
                answer = stage.frontDoor().post(envelope, key);
            }
            stage.promised(answer.ids().getFirst(), stage.app().agent(uuid));
            texts.add(text);
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return texts;
    }
}
