package io.switchboard.systemtests.chaos;

import io.switchboard.quickstart.EmbeddedKafka;
import io.switchboard.quickstart.FreePorts;
import io.switchboard.systemtests.harness.ForkedInfra;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Relay;
import io.switchboard.systemtests.harness.Release;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// Two dispatchers, three edge nodes and a front door, each with a link of its own to Kafka and to
/// Redis, and a link before each edge node.
///
/// Thread-safe.
public final class ChaosSystem implements AutoCloseable {
    private static final List<String> IDS =
            List.of("dispatcher-1", "dispatcher-2", "edge-1", "edge-2", "edge-3", "front-door");

    private final Map<String, Relay> kafkaLinks = new LinkedHashMap<>();
    private final Map<String, Relay> redisLinks = new LinkedHashMap<>();
    private final List<Relay> browserLinks = new ArrayList<>();
    private final ForkedInfra infra;
    private final SwitchboardSystem system;
    private final List<Release> releases;

    private ChaosSystem(Path logs, List<Release> releases) {
        this.releases = List.copyOf(releases);
        var listeners = new ArrayList<EmbeddedKafka.Listener>();
        for (var id : IDS) {
            int port = FreePorts.next();
            var relay = Relay.start(FreePorts.next(), port);
            kafkaLinks.put(id, relay);
            listeners.add(new EmbeddedKafka.Listener(port, relay.port()));
        }
        infra = ForkedInfra.start(logs, listeners.toArray(EmbeddedKafka.Listener[]::new));
        for (var id : IDS) {
            redisLinks.put(id, Relay.start(FreePorts.next(), infra.redisPort()));
        }
        system =
                SwitchboardSystem.start(
                        SwitchboardSystem.Plan.of(infra, logs, 2, 3)
                                .of(releases.getFirst())
                                .through(
                                        id -> "127.0.0.1:" + portOf(kafkaLinks, id),
                                        id -> "redis://127.0.0.1:" + portOf(redisLinks, id)));
        for (var edge : system.edges()) {
            browserLinks.add(Relay.start(FreePorts.next(), edge.port()));
        }
    }

    public static ChaosSystem start(Path logs) {
        return start(logs, List.of(Release.current()));
    }

    /// @param releases that its processes may be of; at first they are of the first
    public static ChaosSystem start(Path logs, List<Release> releases) {
        return new ChaosSystem(logs, releases);
    }

    private static int portOf(Map<String, Relay> links, String id) {
        return Objects.requireNonNull(links.get(id), id).port();
    }

    ForkedInfra infra() {
        return infra;
    }

    SwitchboardSystem system() {
        return system;
    }

    List<Release> releases() {
        return releases;
    }

    List<Relay> kafkaLinks() {
        return List.copyOf(kafkaLinks.values());
    }

    List<Relay> redisLinks() {
        return List.copyOf(redisLinks.values());
    }

    List<Relay> browserLinks() {
        return browserLinks;
    }

    URI browserUrl(int edge) {
        return URI.create("ws://127.0.0.1:%d/ws".formatted(browserLinks.get(edge).port()));
    }

    /// Everything is as it should be again.
    void mend() {
        Stream.of(kafkaLinks(), redisLinks(), browserLinks)
                .flatMap(List::stream)
                .forEach(link -> link.set(Relay.State.OPEN));
        system.nodes().forEach(Node::thaw);
        system.heal();
    }

    @Override
    public void close() {
        system.close();
        Stream.of(kafkaLinks(), redisLinks(), browserLinks)
                .flatMap(List::stream)
                .forEach(Relay::close);
        infra.close();
    }
}
