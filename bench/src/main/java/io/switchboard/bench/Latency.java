package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/// How long an event takes from when it was meant to be sent until the browser has it, against the
/// baselines, in turn: floor, system, floor, system, …
final class Latency implements Case {
    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String what() {
        return "intended send → received, unicast: 1k, 5k, 10k, 20k events/s to 5,000 agents";
    }

    @Override
    public boolean run(Options options, Result result) {
        int agents = options.agentsOr(5_000).getFirst();
        boolean held = true;
        try (var rig = Rig.start(options.rig())) {
            var stacks = Stacks.unicast(rig, agents, options.besideOr("floor"));
            for (int rate : options.ratesOr(1_000, 5_000, 10_000, 20_000)) {
                held &= atRate(rate, agents, rig, stacks, options, result);
            }
        }
        return held;
    }

    private static boolean atRate(
            int rate, int agents, Rig rig, List<Stack> stacks, Options options, Result result) {
        result.say("%,d events/s to %,d agents".formatted(rate, agents));
        stacks.forEach(it -> it.warmUp(rig, rate, options.warmUp(), result));
        var runs = new ArrayList<List<Stack.Run>>();
        for (int number = 1; number <= options.runs(); number++) {
            var run = new ArrayList<Stack.Run>();
            for (var each : stacks) {
                run.add(each.measure(rig, rate, options.length()));
            }
            runs.add(run);
            result.add(row(result.row(), rate, agents, number, run));
        }
        Figures.show(result, runs);
        return runs.stream().allMatch(each -> each.getLast().held());
    }

    private static ObjectNode row(
            ObjectNode row, int rate, int agents, int number, List<Stack.Run> run) {
        row.put("rate", rate).put("agents", agents).put("run", number);
        return Figures.fill(row, run);
    }
}
