package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;

/// How long an event to everybody takes until each browser has it.
final class Broadcast implements Case {
    @Override
    public String name() {
        return "broadcast";
    }

    @Override
    public String what() {
        return "intended send → received by each of 5,000 and of 15,000 browsers, 10 events/s to their role";
    }

    @Override
    public boolean run(Options options, Result result) {
        boolean held = true;
        for (int agents : options.agentsOr(5_000, 15_000)) {
            try (var rig = Rig.start(options.rig())) {
                var stacks = Stacks.broadcast(rig, agents, options.besideOr("floor"));
                for (int rate : options.ratesOr(10)) {
                    held &= at(rate, agents, rig, stacks, options, result);
                }
            }
        }
        return held;
    }

    private static boolean at(
            int rate, int agents, Rig rig, List<Stack> stacks, Options options, Result result) {
        result.say("%,d events/s to a role of %,d browsers".formatted(rate, agents));
        stacks.forEach(each -> each.warmUp(rig, rate, options.warmUp(), result));
        var runs = new ArrayList<List<Stack.Run>>();
        for (int number = 1; number <= options.runs(); number++) {
            var run = stacks.stream().map(it -> it.measure(rig, rate, options.length())).toList();
            runs.add(run);
            var row = result.row().put("rate", rate).put("browsers", agents).put("run", number);
            result.add(Figures.fill(row, run));
        }
        Figures.show(result, runs);
        return runs.stream().allMatch(each -> each.getLast().held());
    }
}
