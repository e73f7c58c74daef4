package io.switchboard.bench;

import io.switchboard.quickstart.FreePorts;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.runtime.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// From the start of an edge's process until a browser can connect to it: as it is, and with the
/// AOT cache that an image carries.
final class ColdStart implements Case {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration REHEARSAL = Duration.ofMinutes(3);

    @Override
    public String name() {
        return "coldstart";
    }

    @Override
    public String what() {
        return "an edge's process, from its start until it accepts browsers; with and without an AOT cache";
    }

    @Override
    public boolean run(Options options, Result result) throws IOException {
        try (var rig = Rig.start(options.rig())) {
            rig.startSystem(1, 0);
            measure("without", List.of(), rig, options, result);
            var cache = rehearse(rig, options.rig().jvm());
            measure(
                    "with its AOT cache",
                    List.of("-XX:AOTCache=" + cache, "-Xlog:aot*=off", "-Xlog:cds*=off"),
                    rig,
                    options,
                    result);
        }
        return true;
    }

    private static Path rehearse(Rig rig, List<String> jvm) throws IOException {
        var cache = rig.file("edge.aot");
        var flags = new ArrayList<>(jvm);
        flags.add("-XX:AOTCacheOutput=" + cache);
        var rehearsal =
                new ProcessBuilder(
                                JavaModule.command(
                                        "edge-node",
                                        "io.switchboard.edge.Rehearsal",
                                        flags,
                                        List.of()))
                        .redirectErrorStream(true)
                        .redirectOutput(rig.log("rehearsal").toFile())
                        .start();
        try {
            if (!rehearsal.waitFor(REHEARSAL.toSeconds(), TimeUnit.SECONDS)
                    || rehearsal.exitValue() != 0) {
                rehearsal.destroyForcibly();
                throw new Failure("the rehearsal failed; see " + rig.log("rehearsal"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", e);
        }
        return cache;
    }

    private static void measure(
            String how, List<String> jvm, Rig rig, Options options, Result result)
            throws IOException {
        var seconds = new ArrayList<Double>();
        var cpuSeconds = new ArrayList<Double>();
        for (int run = 1; run <= options.runs(); run++) {
            int port = FreePorts.next();
            long begun = System.nanoTime();
            var edge = rig.startShortLivedEdge("edge-" + run, port, jvm);
            edge.awaitReady(PATIENCE);
            cpuSeconds.add(Usage.cpuSeconds(edge.pid()));
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                seconds.add((System.nanoTime() - begun) / 1e9);
            }
            result.add(
                    result.row()
                            .put("how", how)
                            .put("run", run)
                            .put("seconds", Figures.round(seconds.getLast()))
                            .put("cpu_seconds", Figures.round(cpuSeconds.getLast())));
            edge.close();
            rig.processes().remove("edge-" + run);
        }
        result.say(
                "%s: an edge accepts %s s after its start (median of %d: %s), having used %s s of processor time"
                        .formatted(
                                how,
                                Figures.number(Stack.median(seconds)),
                                seconds.size(),
                                seconds.stream().map(Figures::number).toList(),
                                Figures.number(Stack.median(cpuSeconds))));
    }
}
