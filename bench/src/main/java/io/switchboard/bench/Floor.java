package io.switchboard.bench;

import java.util.List;

/// The baseline beside the system: topics of the same shape on the same broker, a process that
/// forwards from one to the other, and one that pushes to WebSockets.
final class Floor {
    static final String TWO_HOPS = "bench.two-hops";
    static final String ONE_HOP = "bench.one-hop";
    private static final String SECOND = "bench.second-hop";

    private Floor() {}

    /// @return the port of its WebSockets, for both
    static int start(Rig rig) {
        rig.createTopic(TWO_HOPS, rig.plan().lanes());
        rig.createTopic(ONE_HOP, rig.plan().lanes());
        rig.createTopic(SECOND, 1);
        rig.startChild(
                "floor-forward",
                "FloorMain",
                rig.plan().jvm(),
                List.of("forward", rig.kafka(), TWO_HOPS, SECOND));
        var push =
                rig.startChild(
                        "floor-push",
                        "FloorMain",
                        rig.plan().jvm(),
                        List.of("push", rig.kafka(), SECOND, ONE_HOP));
        return push.tell(Child.order("port")).path("listening").asInt();
    }
}
