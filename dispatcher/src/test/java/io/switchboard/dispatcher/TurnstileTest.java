package io.switchboard.dispatcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TurnstileTest {
    private final AtomicInteger wakeups = new AtomicInteger();
    private final Turnstile door = new Turnstile(wakeups::incrementAndGet);
    private final ArrayList<String> served = new ArrayList<>();

    @Test
    void whoComesWhileTheLoopPolls_wakesItOnce() {
        assertThat(door.beforePoll()).isTrue();

        door.enter(() -> served.add("a"));
        door.enter(() -> served.add("b"));
        door.afterPoll();
        door.serve();

        assertThat(wakeups).hasValue(1);
        assertThat(served).containsExactly("a", "b");
    }

    @Test
    void whoComesWhileTheLoopIsBusy_wakesNobody_andKeepsItFromWaiting() {
        door.enter(() -> served.add("a"));

        assertThat(wakeups).hasValue(0);
        assertThat(door.beforePoll()).isFalse();
    }

    @Test
    void whatAnswersCause_isServedInTheNextTurn() {
        door.enter(() -> door.enter(() -> served.add("next")));

        door.serve();
        assertThat(served).isEmpty();
        door.serve();

        assertThat(served).containsExactly("next");
    }

    @Test
    void whoComesWhileTheLoopWaitsAtTheDoor_isServedAtOnce() throws InterruptedException {
        var comer = new Thread(() -> door.enter(() -> served.add("a")));
        long begin = System.nanoTime();
        comer.start();

        while (served.isEmpty()) {
            door.await(Duration.ofMinutes(1));
            door.serve();
        }

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMinutes(1));
        assertThat(wakeups).hasValue(0);
        comer.join();
    }
}
