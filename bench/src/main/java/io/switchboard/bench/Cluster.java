package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// One Redis, and a cluster of three, under the same lanes.
final class Cluster implements Case {
    private static final List<Integer> NODES = List.of(1, 3);
    private static final int LANES = 64;
    private static final int AGENTS = 2_000;

    @Override
    public String name() {
        return "cluster";
    }

    @Override
    public String what() {
        return "64 partitions on one Redis and on a cluster of 3: what an event costs each part, how even the nodes are";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(AGENTS).getFirst();
        boolean held = true;
        var costs = new Costs(options, result);
        for (int nodes : NODES) {
            var plan = options.rig().withLanes(LANES).withRedisNodes(nodes);
            try (var rig = Rig.start(plan)) {
                var stack = Stacks.unicast(rig, agents, List.of()).getFirst();
                if (nodes > 1) {
                    result.say("  lanes of each node: " + spread(rig));
                }
                held &= costs.measure(nodes == 1 ? "1 Redis" : nodes + " nodes", rig, stack);
            }
        }
        costs.show();
        return held;
    }

    private static String spread(Rig rig) {
        var cluster = rig.startCluster();
        var lanes = new ArrayList<Integer>();
        for (int node = 0; node < rig.plan().redisNodes(); node++) {
            int its = 0;
            for (int lane = 0; lane < LANES; lane++) {
                its += cluster.masterOf(lane) == node ? 1 : 0;
            }
            lanes.add(its);
        }
        return lanes.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
