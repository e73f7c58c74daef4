package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.bench.alone.LogicalMain;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// One edge with up to a million browsers, on Netty's in-process channels: what each takes of the
/// heap, beside a bare pair of channels, and how fast hints find the right one of so many.
final class Logical implements Case {
    private static final int BARE = 100_000;
    private static final int FIRST = 1;
    private static final String HEAP = "-Xmx8g";

    @Override
    public String name() {
        return "logical";
    }

    @Override
    public String what() {
        return "100,000, 300,000 and 1,000,000 browsers of one edge, without sockets: heap, and how fast hints find theirs";
    }

    @Override
    public boolean run(Options options, Result result) throws IOException {
        double bare = bare(options);
        var table = new ArrayList<List<String>>();
        table.add(
                List.of(
                        "a browser",
                        "heap, both ends",
                        "but for bare channels",
                        "µs CPU to connect",
                        "hints/s",
                        "hints per CPU second",
                        "closed",
                        "at another one"));
        boolean held = true;
        try (var edge = start("edge", options)) {
            open(edge, FIRST);
            long empty = heap(edge);
            int before = FIRST;
            for (int count : options.agentsOr(100_000, 300_000, 1_000_000)) {
                double cpu = cpuSeconds(edge);
                open(edge, count);
                double connecting = (cpuSeconds(edge) - cpu) / (count - before);
                before = count;
                double both = (double) (heap(edge) - empty) / count;
                hint(edge, 1); // warm-up, and every listener's first
                cpu = cpuSeconds(edge);
                var told = hint(edge, options.runs());
                double hints = (double) options.runs() * count;
                double perSecond = hints * 1e9 / told.path("nanos").asLong();
                double perCpuSecond = hints / (cpuSeconds(edge) - cpu);
                long strayed = told.path("strayed").asLong();
                long closed = told.path("closed").asLong();
                held &= strayed == 0 && closed == 0;
                result.add(
                        result.row()
                                .put("browsers", count)
                                .put("heap_bytes_both_ends", Math.round(both))
                                .put("heap_bytes_bare_channels", Math.round(bare))
                                .put("heap_bytes", Math.round(both - bare))
                                .put("connect_cpu_us", Math.round(connecting * 1e6))
                                .put("hints_per_s", Math.round(perSecond))
                                .put("hints_per_cpu_s", Math.round(perCpuSecond))
                                .put("strayed", strayed)
                                .put("closed", closed));
                table.add(
                        List.of(
                                "of %,d".formatted(count),
                                "%,.0f".formatted(both),
                                "%,.0f".formatted(both - bare),
                                "%,.0f".formatted(connecting * 1e6),
                                "%,.0f".formatted(perSecond),
                                "%,.0f".formatted(perCpuSecond),
                                Long.toString(closed),
                                Long.toString(strayed)));
            }
        }
        result.table(table);
        return held;
    }

    /// Bytes of heap that a pair of channels takes between which nothing is said.
    private static double bare(Options options) throws IOException {
        try (var channels = start("bare", options)) {
            open(channels, FIRST);
            long empty = heap(channels);
            open(channels, BARE);
            return (double) (heap(channels) - empty) / (BARE - FIRST);
        }
    }

    private static Child start(String what, Options options) throws IOException {
        var flags = new ArrayList<>(options.rig().jvm());
        flags.add(HEAP);
        var name = "logical-" + what;
        return Child.start(
                name,
                LogicalMain.class.getName(),
                flags,
                List.of(what),
                Rig.logs().resolve(name + ".log"));
    }

    private static void open(Child process, int count) {
        process.tell(Child.order("open").put("count", count));
    }

    private static ObjectNode hint(Child edge, int each) {
        return edge.tell(Child.order("hint").put("each", each));
    }

    private static long heap(Child process) {
        return Usage.liveHeapBytes(process.process().pid());
    }

    private static double cpuSeconds(Child process) {
        return Usage.cpuSeconds(process.process().pid());
    }
}
