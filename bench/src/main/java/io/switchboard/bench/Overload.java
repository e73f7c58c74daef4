package io.switchboard.bench;

import java.time.Duration;
import java.util.List;

/// More than can be done, for a while: latency may grow, memory may not; everything arrives in the
/// end, and ten seconds later all is as before.
final class Overload implements Case {
    private static final int NORMAL = 1_000;
    private static final int TOO_MUCH = 30_000;
    private static final Duration RECOVERY = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// Beyond the heap that each was given: code, stacks, sockets' buffers.
    private static final long MOST_BESIDE_HEAP = 400L << 20;

    private static final long HEAP = 512L << 20;

    @Override
    public String name() {
        return "overload";
    }

    @Override
    public String what() {
        return "30,000 events/s for a while: memory stays, nothing is lost, 10 s later p99 is what it was";
    }

    @Override
    public boolean run(Options options, Result result) {
        int agents = options.agentsOr(5_000).getFirst();
        int rate = options.ratesOr(TOO_MUCH).getFirst();
        try (var rig = Rig.start(options.rig())) {
            var stack = Stacks.unicast(rig, agents, List.of()).getFirst();
            stack.warmUp(rig, NORMAL, options.warmUp(), result);
            var before = stack.measure(rig, NORMAL, options.length());
            var seen = stack.crowd().seen();
            var flood =
                    Load.run(Load.soon(), rate, options.length().multipliedBy(2), stack.events());
            long ended = System.nanoTime();
            boolean all = stack.crowd().awaitReceived(seen.received() + flood.sent(), PATIENCE);
            double backlog = (System.nanoTime() - ended) / 1e9;
            long edge = Usage.peakBytes(rig.process("edge-1").pid());
            long dispatcher = Usage.peakBytes(rig.process("dispatcher-1").pid());
            var after = stack.crowd().seen();
            Cutting.sleep(RECOVERY);
            var again = stack.measure(rig, NORMAL, options.length());
            boolean bounded = Math.max(edge, dispatcher) < HEAP + MOST_BESIDE_HEAP;
            boolean normal = again.p99() < Math.max(2 * before.p99(), before.p99() + 20);
            boolean once =
                    all && after.repeated() == seen.repeated() && after.skipped() == seen.skipped();
            result.add(
                    result.row()
                            .put("agents", agents)
                            .put("rate", rate)
                            .put("sent", flood.sent())
                            .put("all_received", all)
                            .put("backlog_gone_after_s", Figures.round(backlog))
                            .put("edge_peak_mb", edge >> 20)
                            .put("dispatcher_peak_mb", dispatcher >> 20)
                            .put("p99_ms_before", Figures.round(before.p99()))
                            .put("p99_ms_after", Figures.round(again.p99()))
                            .put("repeated", after.repeated() - seen.repeated())
                            .put("skipped", after.skipped() - seen.skipped()));
            result.say(
                    "%,d events at %,d/s: %s; backlog gone %s s after the end; most memory edge %d MB, dispatcher %d MB; p99 at %,d/s before %s ms, 10 s after %s ms"
                            .formatted(
                                    flood.sent(),
                                    rate,
                                    once ? "each arrived once, in order" : "NOT each arrived once",
                                    Figures.number(backlog),
                                    edge >> 20,
                                    dispatcher >> 20,
                                    NORMAL,
                                    Figures.number(before.p99()),
                                    Figures.number(again.p99())));
            return once && bounded && normal;
        }
    }
}
