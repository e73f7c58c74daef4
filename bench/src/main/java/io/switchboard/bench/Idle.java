package io.switchboard.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a connection costs that says nothing but its heartbeat: in the edge's heap (live objects
/// after a full collection), in its process (proportional set size), in the kernel, and in
/// processor time.
final class Idle implements Case {
    private static final Duration SETTLING = Duration.ofSeconds(3);
    private static final int WARM_UP = 1_000;

    private record Sample(long heap, Usage.Memory process, long kernel) {}

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String what() {
        return "memory and processor time of 5,000 and 15,000 idle connections on one edge";
    }

    @Override
    public boolean run(Options options, Result result) throws InterruptedException {
        var table = new ArrayList<List<String>>();
        table.add(
                List.of(
                        "bytes a connection",
                        "heap",
                        "process (PSS)",
                        "RSS",
                        "kernel",
                        "process + kernel",
                        "% of a core"));
        for (int count : options.agentsOr(5_000, 15_000)) {
            try (var rig = Rig.start(options.rig())) {
                table.add(measure(rig, count, options, result));
            }
        }
        result.table(table);
        return true;
    }

    private static List<String> measure(Rig rig, int count, Options options, Result result)
            throws InterruptedException {
        var ports = rig.startSystem(1, 1);
        var edge = rig.process("edge-1").pid();
        var processes = Stacks.browsers(rig, "idle", count);
        // Classes are loaded, pools have their first chunks, before anything is counted.
        Crowd.open(processes, "warm-up", Crowd.Plan.of("switchboard", ports, WARM_UP)).close();
        Thread.sleep(SETTLING);
        var before = sample(edge);
        Crowd.open(processes, "idle", Crowd.Plan.of("switchboard", ports, count));
        WarmUp.of("idle", options.warmUp(), result, () -> idling(rig, SETTLING));
        var after = sample(edge);
        var idling = idling(rig, options.length().multipliedBy(4));
        double share = idling.share("edge-1");
        double heap = each(after.heap - before.heap, count);
        double pss = each(after.process.pssBytes() - before.process.pssBytes(), count);
        double rss = each(after.process.rssBytes() - before.process.rssBytes(), count);
        // Both ends are on this machine: half of it is the edge's.
        double kernel = each((after.kernel - before.kernel) / 2, count);
        var row =
                result.row()
                        .put("connections", count)
                        .put("heap_bytes", Math.round(heap))
                        .put("pss_bytes", Math.round(pss))
                        .put("rss_bytes", Math.round(rss))
                        .put("kernel_bytes", Math.round(kernel))
                        .put("cpu_share", Figures.round(share))
                        .put("edge_pss_mb", after.process.pssBytes() >> 20)
                        .put("edge_pss_mb_without", before.process.pssBytes() >> 20);
        result.add(idling.into(row));
        return List.of(
                "%,d connections".formatted(count),
                "%,.0f".formatted(heap),
                "%,.0f".formatted(pss),
                "%,.0f".formatted(rss),
                "%,.0f".formatted(kernel),
                "%,.0f".formatted(pss + kernel),
                "%.1f".formatted(share * 100));
    }

    private static Toll.Paid idling(Rig rig, Duration length) throws InterruptedException {
        var toll = Toll.begin(rig);
        Thread.sleep(length);
        return toll.end();
    }

    private static double each(long bytes, int count) {
        return (double) bytes / count;
    }

    private static Sample sample(long edge) {
        long heap = Usage.liveHeapBytes(edge);
        return new Sample(heap, Usage.memory(edge), Usage.kernelBytes());
    }
}
