package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardTest {
    private static final List<Stack.Run> FLOOR = runs("floor", 1.0, 1.1, 1.2);

    private final ByteArrayOutputStream page = new ByteArrayOutputStream();
    private final Result result =
            new Result("guard", false, new PrintStream(page, true, StandardCharsets.UTF_8));

    @Test
    void asNearToTheFloorAsItWas_holds() {
        assertThat(Guard.judge(FLOOR, runs("switchboard", 3, 4, 5), result)).isTrue();
        assertThat(page.toString(StandardCharsets.UTF_8)).startsWith("ok");
    }

    @Test
    void slower_fails() {
        assertThat(Guard.judge(FLOOR, runs("switchboard", 30, 40, 50), result)).isFalse();
    }

    @Test
    void dearer_fails() {
        var ours = List.of(run("switchboard", 3, 0, 2.5), run("switchboard", 3, 0, 2.5));

        assertThat(Guard.judge(runs("floor", 1.0, 1.1), ours, result)).isFalse();
    }

    /// However slow: on such a machine nobody can tell why.
    @Test
    void whereTheFloorItselfVaries_nothingIsJudged() {
        assertThat(Guard.judge(runs("floor", 1, 2, 9), runs("switchboard", 30, 40, 50), result))
                .isTrue();
        assertThat(page.toString(StandardCharsets.UTF_8)).startsWith("skipped");
    }

    @Test
    void aMissingEvent_failsWhateverTheMachine() {
        var ours = List.of(run("switchboard", 3, 1, 0.2), run("switchboard", 3, 0, 0.2));

        assertThat(Guard.judge(runs("floor", 1, 9), ours, result)).isFalse();
    }

    private static List<Stack.Run> runs(String stack, double... p50) {
        return java.util.Arrays.stream(p50).mapToObj(each -> run(stack, each, 0, 0.2)).toList();
    }

    private static Stack.Run run(String stack, double p50, long missing, double cpu) {
        return new Stack.Run(
                stack,
                1_000,
                new Load.Sent(0, 1, 1_000, 1_000),
                missing,
                0,
                0,
                p50,
                p50,
                p50,
                p50,
                p50,
                new Toll.Paid(
                        1,
                        stack.equals("floor")
                                ? Map.of("floor-forward", cpu / 2, "floor-push", cpu / 2)
                                : Map.of("dispatcher-1", cpu / 2, "edge-1", cpu / 2, "kafka", 9.0),
                        Map.of(),
                        0));
    }
}
