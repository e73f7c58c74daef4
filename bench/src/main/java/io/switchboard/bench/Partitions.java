package io.switchboard.bench;

import java.util.List;

/// The same events over few lanes and over many, by one dispatcher.
final class Partitions implements Case {
    private static final List<Integer> LANES = List.of(8, 64, 256);
    private static final int AGENTS = 2_000;

    @Override
    public String name() {
        return "partitions";
    }

    @Override
    public String what() {
        return "8, 64 and 256 partitions, one dispatcher: what an event costs each part, and what idleness does";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(AGENTS).getFirst();
        boolean held = true;
        var costs = new Costs(options, result);
        for (int lanes : LANES) {
            try (var rig = Rig.start(options.rig().withLanes(lanes))) {
                var stack = Stacks.unicast(rig, agents, List.of()).getFirst();
                held &= costs.measure(lanes + " partitions", rig, stack);
            }
        }
        costs.show();
        return held;
    }
}
