package io.switchboard.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// For CI: is the system still as near to the floor as it was? It compares ratios in one short run,
/// never times, and says so when the machine is too busy to tell: then the floor itself takes now
/// this long, now that.
final class Guard implements Case {
    private static final int AGENTS = 1_000;
    private static final int RATE = 1_000;
    private static final int WARM_UP_RATE = 3_000;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration LENGTH = Duration.ofSeconds(2);
    private static final int RUNS = 3;

    /// An idle machine shows 4 to 8, since the compilers are still at work: only a new wait is
    // seen.
    private static final double MOST_P50_RATIO = 16;

    /// An idle machine shows 1.2.
    private static final double MOST_CPU_RATIO = 4;

    /// The floor's slowest median against its quickest.
    private static final double MOST_SPREAD = 1.6;

    /// A generator that is held up itself shares its processor with somebody.
    private static final double MOST_LATE_MILLIS = 25;

    private static final Set<String> OURS = Set.of("dispatcher-1", "edge-1", "redis");
    private static final Set<String> FLOORS = Set.of("floor-forward", "floor-push");

    @Override
    public String name() {
        return "guard";
    }

    @Override
    public String what() {
        return "for CI: fails when latency or processor time, as multiples of the floor's, have doubled";
    }

    @Override
    public boolean run(Options options, Result result) {
        try (var rig = Rig.start(options.rig())) {
            var stacks = Stacks.unicast(rig, AGENTS, List.of("floor"));
            stacks.forEach(each -> each.measure(rig, WARM_UP_RATE, WARM_UP));
            var floor = new ArrayList<Stack.Run>();
            var ours = new ArrayList<Stack.Run>();
            for (int i = 0; i < RUNS; i++) {
                floor.add(stacks.getFirst().measure(rig, RATE, LENGTH));
                ours.add(stacks.getLast().measure(rig, RATE, LENGTH));
            }
            return judge(floor, ours, result);
        }
    }

    static boolean judge(List<Stack.Run> floor, List<Stack.Run> ours, Result result) {
        boolean whole = ours.stream().allMatch(Stack.Run::held);
        double latency = Figures.ratio(ours, floor, Stack.Run::p50);
        double work = median(ours, each -> share(each, OURS)) / median(floor, Guard::floorsShare);
        double spread = most(floor, Stack.Run::p50) / -most(floor, each -> -each.p50());
        double late = median(floor, Stack.Run::lateMillis);
        result.add(
                result.row()
                        .put("p50_ratio_to_floor", Figures.round(latency))
                        .put("cpu_ratio_to_floor", Figures.round(work))
                        .put("floor_spread", Figures.round(spread))
                        .put("generator_late_ms", Figures.round(late))
                        .put("every_event_once", whole));
        if (!whole) {
            result.say("FAILED: not every event arrived once, in order");
            return false;
        }
        if (spread > MOST_SPREAD || late > MOST_LATE_MILLIS) {
            result.say(
                    "skipped, the machine is too busy to judge: the floor's own median varied by %.1f (at most: %.1f), its generator was %.0f ms late (at most: %.0f); seen: p50 %.1f × the floor's, processor time %.1f ×"
                            .formatted(spread, MOST_SPREAD, late, MOST_LATE_MILLIS, latency, work));
            return true;
        }
        boolean near = latency <= MOST_P50_RATIO && work <= MOST_CPU_RATIO;
        result.say(
                "%s: p50 is %.1f × the floor's (at most: %.1f), processor time %.1f × (at most: %.1f)"
                        .formatted(
                                near ? "ok" : "FAILED",
                                latency,
                                MOST_P50_RATIO,
                                work,
                                MOST_CPU_RATIO));
        return near;
    }

    private static double floorsShare(Stack.Run run) {
        return share(run, FLOORS);
    }

    private static double share(Stack.Run run, Set<String> parts) {
        return parts.stream().mapToDouble(run.paid()::share).sum();
    }

    private static double median(List<Stack.Run> runs, ToDoubleFunction<Stack.Run> figure) {
        return Stack.median(runs.stream().map(figure::applyAsDouble).toList());
    }

    private static double most(List<Stack.Run> runs, ToDoubleFunction<Stack.Run> figure) {
        return runs.stream().mapToDouble(figure).max().orElseThrow();
    }
}
