package io.switchboard.bench;

import java.util.ArrayList;
import java.util.List;

/// One, two and four dispatchers that share the same lanes of the same Redis.
final class Dispatchers implements Case {
    private static final List<Integer> COUNTS = List.of(1, 2, 4);
    private static final int AGENTS = 2_000;

    @Override
    public String name() {
        return "dispatchers";
    }

    @Override
    public String what() {
        return "1, 2 and 4 dispatchers on one Redis: what an event costs each part, idle, at 2,000/s and beyond saturation";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(AGENTS).getFirst();
        boolean held = true;
        var costs = new Costs(options, result);
        try (var rig = Rig.start(options.rig())) {
            var stack = Stacks.unicast(rig, agents, List.of()).getFirst();
            for (int count : COUNTS) {
                add(rig, count);
                var name = count == 1 ? "1 dispatcher" : count + " dispatchers";
                held &= costs.measure(name, rig, stack);
            }
            costs.show();
        }
        return held;
    }

    /// As many as are missing, and until each has its share of the lanes.
    private static void add(Rig rig, int count) {
        var started = new ArrayList<Scrape>();
        for (int i = 1; i <= count; i++) {
            var name = "dispatcher-" + i;
            if (!rig.processes().containsKey(name)) {
                rig.startDispatcher(name);
            }
        }
        for (int i = 1; i <= count; i++) {
            started.add(Scrape.of(rig, "dispatcher-" + i));
        }
        int lanes = rig.plan().lanes();
        int share = lanes / count;
        Scrape.await(
                "%d lanes are spread over %d dispatchers".formatted(lanes, count),
                () ->
                        started.stream().mapToDouble(each -> each.value("lanes")).sum() == lanes
                                && started.stream().allMatch(each -> each.value("lanes") >= share));
    }
}
