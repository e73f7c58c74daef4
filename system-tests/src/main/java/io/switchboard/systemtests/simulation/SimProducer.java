package io.switchboard.systemtests.simulation;

import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.ReceiptLevel;
import io.switchboard.schemas.Republisher;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.History;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// Whoever writes to the events topic: the front door (keyed, proven), somebody's own Kafka
/// producer (no key, any partition, several targets, nonsense), a retry of the same event id.
final class SimProducer {
    static final String APP = "desk";
    static final List<String> ROLES = List.of("clerk", "lead");
    private static final String TOKEN = "a-token";
    private static final String URL = "/worksheet";
    private static final String BRIEF_URL = "/brief";
    private static final String CAPPED_URL = "/capped";
    private static final int CAP = 3;

    /// What of it a seed wants.
    record Ways(
            boolean lists,
            boolean retries,
            boolean nonsense,
            boolean brief,
            boolean capped,
            boolean delays,
            boolean roles) {}

    private final World world;
    private final SimKafka kafka;
    private final History history;
    private final List<Address> addresses;
    private final Ways ways;
    private final Republisher frontDoor;
    private final ArrayDeque<Runnable> retries = new ArrayDeque<>();
    private final Map<Integer, NavigableMap<Long, String>> direct = new HashMap<>();
    private int numbers;

    SimProducer(
            World world,
            SimKafka kafka,
            History history,
            List<Address> addresses,
            Ways ways,
            Proof proof) {
        this.world = world;
        this.kafka = kafka;
        this.history = history;
        this.addresses = addresses;
        this.ways = ways;
        this.frontDoor = new Republisher("events", kafka.lanes(), proof);
    }

    static Apps apps() {
        var app =
                new Apps.App(
                        APP,
                        Apps.Status.ACTIVE,
                        Set.copyOf(ROLES),
                        List.of(Apps.sha256(TOKEN)),
                        Map.of(),
                        null,
                        Set.of());
        return new Apps(
                Map.of(APP, app),
                Map.of(
                        URL, route(URL, Duration.ofHours(1), 1_000),
                        BRIEF_URL, route(BRIEF_URL, Duration.ofSeconds(6), 1_000),
                        CAPPED_URL, route(CAPPED_URL, Duration.ofHours(1), CAP)));
    }

    private static Apps.Route route(String url, Duration ttl, int cap) {
        return new Apps.Route(url, "Msg", ttl, ReceiptLevel.ALL, cap, 1024 * 1024, null);
    }

    /// One more record, or a few things in one.
    void produce() {
        if (world.chance(0.08)) {
            kafka.appendMarker((int) world.between(0, kafka.lanes() - 1));
        }
        if (!retries.isEmpty() && world.chance(0.5)) {
            retries.remove().run();
        } else if (ways.nonsense && world.chance(0.1)) {
            nonsense();
        } else if (ways.lists && world.chance(0.35)) {
            list();
        } else {
            single();
        }
    }

    /// The last event of each address, to be seen by everybody who is online.
    void produceToAll() {
        addresses.forEach(this::direct);
    }

    private void single() {
        var address = world.oneOf(addresses);
        if (world.chance(0.6)) {
            direct(address);
        } else {
            raw(address);
        }
    }

    private void direct(Address address) {
        boolean retried = ways.retries && world.chance(0.4);
        var id = retried ? "p" + ++numbers : null;
        var target = target(address, id);
        traceDue(target);
        Runnable send =
                () -> {
                    var record = frontDoor.record(Origin.direct(APP), url(), target, null);
                    int partition = record.partition();
                    long offset =
                            kafka.append(partition, record.key(), record.value(), record.headers());
                    var event = id == null ? kafka.lane(partition).position(offset).toString() : id;
                    if (target.deliverAt() == null) {
                        direct(partition).put(offset, event);
                    }
                    sent(event, address, partition, offset);
                };
        send.run();
        if (retried) {
            retries.add(send);
        }
    }

    /// What this lane was given for its own addresses, to be delivered at once: ids by offset.
    NavigableMap<Long, String> direct(int partition) {
        return direct.computeIfAbsent(partition, _ -> new TreeMap<>());
    }

    /// Somebody's own producer: any partition.
    private void raw(Address address) {
        int partition = (int) world.between(0, kafka.lanes() - 1);
        boolean retried = ways.retries && world.chance(0.3);
        var id = retried ? "p" + ++numbers : null;
        var target = target(address, id);
        traceDue(target);
        var bytes = Envelope.encode(url(), target, TOKEN);
        Runnable send =
                () -> {
                    long offset = kafka.append(partition, null, bytes, new RecordHeaders());
                    sent(
                            id == null ? kafka.lane(partition).position(offset).toString() : id,
                            address,
                            partition,
                            offset);
                };
        send.run();
        if (retried) {
            retries.add(send);
        }
    }

    private void list() {
        int partition = (int) world.between(0, kafka.lanes() - 1);
        int count = (int) world.between(2, 4);
        var targets = new ArrayList<Address>();
        var envelope = Json.object().put("url", url()).put("chat_token", TOKEN);
        var data = envelope.putArray("data");
        for (int i = 0; i < count; i++) {
            var address = world.oneOf(addresses);
            targets.add(address);
            var node = data.addObject();
            switch (address) {
                case Address.Agent a -> node.put("uuid", a.uuid());
                case Address.Role r -> node.put("role", r.role());
                case Address.App _ -> node.put("all", true);
            }
            node.putObject("data").put("n", ++numbers);
        }
        long offset = kafka.append(partition, null, Json.bytes(envelope), new RecordHeaders());
        for (int i = 0; i < count; i++) {
            sent(
                    kafka.lane(partition).position(offset) + "." + i,
                    targets.get(i),
                    partition,
                    offset);
        }
    }

    private void nonsense() {
        int partition = (int) world.between(0, kafka.lanes() - 1);
        var bytes = "{\"url\":".getBytes(StandardCharsets.UTF_8);
        long offset = kafka.append(partition, null, bytes, new RecordHeaders());
        world.trace(() -> "produce nonsense at %d@%d".formatted(partition, offset));
    }

    private void traceDue(Target target) {
        if (target.deliverAt() != null) {
            world.trace(() -> "  (due at %s)".formatted(target.deliverAt()));
        }
    }

    private void sent(String id, Address address, int partition, long offset) {
        world.trace(() -> "produce %s for %s at %d@%d".formatted(id, address, partition, offset));
        history.add(new History.Produced(id, address));
        history.add(new History.Promised(id));
    }

    private String url() {
        if (ways.brief && world.chance(0.3)) {
            return BRIEF_URL;
        }
        return ways.capped && world.chance(0.5) ? CAPPED_URL : URL;
    }

    private Target target(Address address, @Nullable String id) {
        var to =
                switch (address) {
                    case Address.Agent a -> new Target.ToAgent(a.uuid());
                    case Address.Role r -> new Target.ToRole(r.role());
                    case Address.App _ -> new Target.ToAll();
                };
        var due =
                ways.delays && world.chance(0.3)
                        ? world.clock().instant().plusMillis(world.between(100, 8_000))
                        : null;
        return new Target(0, to, Json.object().put("n", ++numbers), id, null, due);
    }
}
