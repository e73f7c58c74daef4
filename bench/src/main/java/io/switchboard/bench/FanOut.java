package io.switchboard.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One event to a role that ten thousand have, on two edges: until the last of them has it.
final class FanOut implements Case {
    private static final int EDGES = 2;
    private static final Duration LENGTH_EACH = Duration.ofSeconds(1);

    @Override
    public String name() {
        return "fanout";
    }

    @Override
    public String what() {
        return "one event a second to a role of 10,000 agents on two edges: until the last one has it";
    }

    @Override
    public boolean run(Options options, Result result) {
        int agents = options.agentsOr(10_000).getFirst();
        try (var rig = Rig.start(options.rig())) {
            var ports = rig.startSystem(1, EDGES);
            var crowd =
                    Crowd.open(
                            Stacks.browsers(rig, "fanout", agents),
                            "fanout",
                            Crowd.Plan.of("switchboard", ports, agents)
                                    .withRole(Rig.ROLE)
                                    .silent());
            var events = Events.toRole(rig.kafka(), rig.topic().name(), rig.plan().lanes());
            rig.opened(events);
            var stack = new Stack("switchboard", events, crowd, agents);
            stack.warmUp(rig, 5, options.warmUp(), result);
            var runs = new ArrayList<Stack.Run>();
            for (int i = 1; i <= options.runs() * options.length().toSeconds(); i++) {
                var run = stack.measure(rig, 1, LENGTH_EACH);
                runs.add(run);
                result.add(
                        Figures.fill(
                                result.row().put("agents", agents).put("event", i), List.of(run)));
            }
            var last = runs.stream().map(Stack.Run::max).sorted().toList();
            result.say(
                    "role of %,d agents on %d edges: the last one has the event after %s ms (median of %d events; %s–%s)"
                            .formatted(
                                    agents,
                                    EDGES,
                                    Figures.number(Stack.median(last)),
                                    last.size(),
                                    Figures.number(last.getFirst()),
                                    Figures.number(last.getLast())));
            return runs.stream().allMatch(Stack.Run::held);
        }
    }
}
