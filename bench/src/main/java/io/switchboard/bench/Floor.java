package io.switchboard.bench;

import java.util.List;

/// The baseline beside the system: topics of the same shape on the same broker, a process that
/// forwards from one to the other, and one that pushes to WebSockets.
final class Floor {
    private static final String TWO_HOPS = "bench.two-hops";
    private static final String ONE_HOP = "bench.one-hop";
    private static final String SECOND = "bench.second-hop";

    /// @param topic to write to
    /// @param port of its WebSockets
    record Started(String topic, int port) {}

    private Floor() {}

    static Started twoHops(Rig rig) {
        rig.createTopic(TWO_HOPS, rig.plan().lanes());
        rig.createTopic(SECOND, 1);
        rig.startChild(
                "floor-forward",
                "FloorMain",
                rig.plan().jvm(),
                List.of("forward", rig.kafka(), TWO_HOPS, SECOND));
        return new Started(TWO_HOPS, push(rig, "floor-push", SECOND));
    }

    static Started oneHop(Rig rig) {
        rig.createTopic(ONE_HOP, rig.plan().lanes());
        return new Started(ONE_HOP, push(rig, "one-hop-push", ONE_HOP));
    }

    /// A process for each: both would otherwise push to whoever connected last.
    private static int push(Rig rig, String name, String topic) {
        return rig.startChild(
                        name, "FloorMain", rig.plan().jvm(), List.of("push", rig.kafka(), topic))
                .tell(Child.order("port"))
                .path("listening")
                .asInt();
    }
}
