package io.switchboard.bench;

import java.util.List;

/// Every case there is.
final class Cases {
    static final List<Case> ALL =
            List.of(
                    new Latency(),
                    new Broadcast(),
                    new Saturation(),
                    new Idle(),
                    new Herd(),
                    new Appending(),
                    new FanOut(),
                    new Draining(),
                    new Cutting(),
                    new EdgeAlone(),
                    new Overload(),
                    new Dispatchers(),
                    new Partitions(),
                    new Cluster(),
                    new Edges(),
                    new Registering(),
                    new ColdStart(),
                    new Micro(),
                    new Logical(),
                    new Guard());

    private Cases() {}
}
