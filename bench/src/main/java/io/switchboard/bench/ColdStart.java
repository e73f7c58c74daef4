package io.switchboard.bench;

import io.switchboard.quickstart.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;

/// From the start of an edge's process until a browser can connect to it.
final class ColdStart implements Case {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "coldstart";
    }

    @Override
    public String what() {
        return "an edge's process, from its start until it accepts browsers";
    }

    @Override
    public boolean run(Options options, Result result) throws IOException {
        var seconds = new ArrayList<Double>();
        try (var rig = Rig.start(options.rig())) {
            rig.startSystem(1, 0);
            for (int run = 1; run <= options.runs(); run++) {
                int port = FreePorts.next();
                long begun = System.nanoTime();
                var edge = rig.startEdge("edge-" + run, port, "--drain-seconds", "0");
                edge.awaitReady(PATIENCE);
                try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    seconds.add((System.nanoTime() - begun) / 1e9);
                }
                result.add(
                        result.row()
                                .put("run", run)
                                .put("seconds", Figures.round(seconds.getLast())));
                edge.close();
                rig.processes().remove("edge-" + run);
            }
        }
        result.say(
                "an edge accepts %s s after its start (median of %d: %s)"
                        .formatted(
                                Figures.number(Stack.median(seconds)),
                                seconds.size(),
                                seconds.stream().map(Figures::number).toList()));
        return true;
    }
}
