package io.switchboard.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The rate at which the 99th percentile leaves 100 ms, for the system and each baseline: rates
/// grow by a quarter until it does so twice.
final class Saturation implements Case {
    private static final double LIMIT_MILLIS = 100;
    private static final double STEP = 1.25;
    private static final int FIRST = 4_000;
    private static final Duration SETTLING = Duration.ofSeconds(2);

    @Override
    public String name() {
        return "saturation";
    }

    @Override
    public String what() {
        return "the highest rate whose p99 stays within 100 ms, unicast to 5,000 agents";
    }

    @Override
    public boolean run(Options options, Result result) {
        int agents = options.agentsOr(5_000).getFirst();
        var table = new ArrayList<List<String>>();
        table.add(
                List.of("highest events/s with p99 ≤ 100 ms", "rate", "p99 ms", "next", "p99 ms"));
        boolean held = true;
        try (var rig = Rig.start(options.rig())) {
            for (var stack : Stacks.unicast(rig, agents, options.besideOr("floor"))) {
                held &= climb(rig, stack, options, result, table);
            }
        }
        result.table(table);
        return held;
    }

    private static boolean climb(
            Rig rig, Stack stack, Options options, Result result, List<List<String>> table) {
        int first = options.ratesOr(FIRST).getFirst();
        stack.warmUp(rig, first, options.warmUp(), result);
        double good = 0;
        double goodP99 = 0;
        boolean held = true;
        boolean failed = false;
        for (double rate = first; ; rate *= STEP) {
            stack.measure(rig, rate, SETTLING);
            var run = stack.measure(rig, rate, options.length());
            held &= run.held();
            result.add(
                    result.row()
                            .put("stack", stack.name())
                            .put("rate", Math.round(rate))
                            .put("p50_ms", Figures.round(run.p50()))
                            .put("p99_ms", Figures.round(run.p99()))
                            .put("missing", run.missing())
                            .put("warm", run.paid().isWarm())
                            .put("generator_late_ms", Figures.round(run.lateMillis())));
            if (run.p99() > LIMIT_MILLIS && !failed) {
                failed = true; // once may be the machine's: the same rate again
                rate /= STEP;
                continue;
            }
            if (run.p99() > LIMIT_MILLIS) {
                table.add(
                        List.of(
                                stack.name(),
                                "%,.0f".formatted(good),
                                Figures.number(goodP99),
                                "%,.0f".formatted(rate),
                                Figures.number(run.p99())));
                return held;
            }
            failed = false;
            good = rate;
            goodP99 = run.p99();
        }
    }
}
