package io.switchboard.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// One of two edges is asked to end, under load: its browsers move to the other.
final class Draining implements Case {
    private static final int RATE = 1_000;
    private static final Duration BEFORE = Duration.ofSeconds(2);
    private static final Duration SPREAD = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "drain";
    }

    @Override
    public String what() {
        return "one of two edges drains 2,500 browsers over 10 s, 1,000 events/s meanwhile";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(5_000).getFirst();
        int rate = options.ratesOr(RATE).getFirst();
        try (var rig = Rig.start(options.rig())) {
            var ports = rig.startSystem(1, 2);
            var crowd =
                    Crowd.open(
                            Stacks.browsers(rig, "drain", agents),
                            "drain",
                            Crowd.Plan.of("switchboard", ports, agents));
            var events =
                    Events.toAgents(rig.kafka(), rig.topic().name(), rig.plan().lanes(), agents);
            rig.opened(events);
            var stack = new Stack("switchboard", events, crowd, 1);
            stack.warmUp(rig, rate, options.warmUp(), result);
            var edge = rig.process("edge-1");
            rig.processes().remove("edge-1");
            var ended =
                    CompletableFuture.supplyAsync(
                            () -> {
                                Cutting.sleep(BEFORE);
                                long begun = System.nanoTime();
                                edge.terminate();
                                edge.awaitExit(PATIENCE);
                                return (System.nanoTime() - begun) / 1e9;
                            });
            var before = crowd.seen();
            var run = stack.measure(rig, rate, BEFORE.plus(SPREAD).plus(Duration.ofSeconds(3)));
            boolean back = crowd.awaitOnline(PATIENCE);
            var after = crowd.seen();
            result.add(
                    Figures.fill(
                            result.row()
                                    .put("agents", agents)
                                    .put("rate", rate)
                                    .put("edge_ended_s", Figures.round(ended.get()))
                                    .put("moved", after.closed() - before.closed())
                                    .put("all_back", back),
                            List.of(run)));
            result.say(
                    "%,d browsers moved, the edge had ended after %s s; p50 %s ms, p99 %s ms meanwhile; %,d events: %d missing, %d repeated"
                            .formatted(
                                    after.closed() - before.closed(),
                                    Figures.number(ended.get()),
                                    Figures.number(run.p50()),
                                    Figures.number(run.p99()),
                                    run.sent().sent(),
                                    run.missing(),
                                    run.repeated()));
            return back && run.held();
        }
    }
}
