package io.switchboard.systemtests.simulation;

import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The topics of all edge nodes' lives. A hint may be lost, doubled or late; what arrived is read
/// in order.
final class EdgeTopics {
    record Sent(byte[] hint, long atMillis) {}

    /// One topic, and who reads it.
    static final class Topic {
        final List<Sent> hints = new ArrayList<>();
        private final Runnable onHint;

        private Topic(Runnable onHint) {
            this.onHint = onHint;
        }
    }

    private final World world;
    private final Weather weather;
    private final Map<EdgeRef, Topic> topics = new HashMap<>();

    EdgeTopics(World world, Weather weather) {
        this.world = world;
        this.weather = weather;
    }

    Topic create(EdgeRef edge, Runnable onHint) {
        var topic = new Topic(onHint);
        topics.put(edge, topic);
        return topic;
    }

    /// Dropped when there is no such topic (yet), as the production producer does.
    void send(EdgeRef edge, Hint hint) {
        if (weather.losesHint()) {
            return;
        }
        arrive(edge, hint.encode(), weather.latency());
        if (weather.doublesHint()) {
            arrive(edge, hint.encode(), weather.latency() * 2);
        }
    }

    private void arrive(EdgeRef edge, byte[] hint, long inMillis) {
        world.in(
                inMillis,
                () -> {
                    var topic = topics.get(edge);
                    if (topic != null) {
                        topic.hints.add(new Sent(hint, world.now()));
                        topic.onHint.run();
                    }
                });
    }
}
