package io.switchboard.operator;

import io.switchboard.inbox.InboxInspection;
import io.switchboard.operator.Findings.AtEdge;
import io.switchboard.operator.Findings.Hinted;
import io.switchboard.operator.Findings.Seen;
import io.switchboard.operator.Findings.Standing;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/// Asks every source what it knows about one event.
///
/// *Used by one thread.*
final class Tracer {
    /// A record of ten thousand targets is ten thousand events: one of them must be named.
    private static final int MOST_EVENTS = 20;

    /// Hints come milliseconds after an event is stored; this is far more.
    private static final Duration HINTED_WITHIN = Duration.ofMinutes(1);

    /// What a dispatcher says was at a time is looked for a little before it, by Kafka's clock.
    private static final Duration CLOCKS = Duration.ofSeconds(10);

    private final KafkaLink kafka;
    private final RedisLink redis;
    private final EdgeAdmin edges;
    private final Sighting.Reader events;

    Tracer(KafkaLink kafka, RedisLink redis, EdgeAdmin edges, Sighting.Reader events) {
        this.kafka = kafka;
        this.redis = redis;
        this.edges = edges;
        this.events = events;
    }

    Findings find(String id, AddressFlags meant, Instant since, Instant now) {
        var direct = direct(id);
        var seen =
                direct.isEmpty()
                        ? search(id, meant, since)
                        : withCopies(direct, direct.getFirst().record().time());
        var ids = new LinkedHashSet<String>();
        seen.forEach(each -> ids.add(each.event().id()));
        if (ids.isEmpty()) {
            ids.add(id);
        }
        var receipts = receipts(ids, seen.isEmpty() ? since : seen.getFirst().record().time());
        var all = withRecordsOf(receipts, withFirsts(seen));
        var places = places(all, receipts);
        return new Findings(
                id,
                now,
                searched(id, since, now),
                all,
                receipts,
                letters(id, all),
                hints(places),
                written(places),
                inboxes(all));
    }

    /// A copy whose app only a receipt names (a re-driven letter's), or one further back than was
    /// searched.
    private List<Seen> withRecordsOf(List<Receipt> receipts, List<Seen> seen) {
        var all = new ArrayList<Seen>(seen);
        for (var receipt : receipts) {
            var position = receipt.position();
            if (position == null || all.stream().anyMatch(each -> each.at().equals(position))) {
                continue;
            }
            var record = at(position);
            if (record != null) {
                record.events().stream()
                        .filter(each -> each.id().equals(receipt.id()))
                        .forEach(each -> all.add(new Seen(record, each)));
            }
        }
        return sorted(List.of(all));
    }

    /// What a producer wrote lies where it wrote it, not always in the lane that was searched.
    private List<Seen> withFirsts(List<Seen> seen) {
        var all = new ArrayList<Seen>(seen);
        for (var each : seen) {
            var first = each.event().first();
            if (all.stream().noneMatch(it -> it.at().equals(first))) {
                var record = at(first);
                if (record != null) {
                    record.events().stream()
                            .filter(it -> it.id().equals(each.event().id()))
                            .forEach(it -> all.add(new Seen(record, it)));
                }
            }
        }
        return sorted(List.of(all));
    }

    /// Where the event may have been delivered from.
    private record Place(Position at, Address address, Instant time) {}

    /// A receipt also names the place of an event whose record says nothing to us.
    private static List<Place> places(List<Seen> seen, List<Receipt> receipts) {
        var places = new LinkedHashMap<Position, Place>();
        for (var each : seen) {
            var address = each.event().address();
            if (address != null) {
                places.put(each.at(), new Place(each.at(), address, each.record().time()));
            }
        }
        for (var each : receipts) {
            var at = each.position();
            var address = each.address();
            if (at != null && address != null) {
                places.putIfAbsent(at, new Place(at, address, each.at().minus(CLOCKS)));
            }
        }
        return List.copyOf(places.values());
    }

    private String searched(String id, Instant since, Instant now) {
        var coordinates = EventId.coordinates(id);
        if (coordinates != null && coordinates.first().tag().equals(events.topic().tag())) {
            var first = coordinates.first();
            var partition = partition(first);
            if (first.partition() >= events.topic().partitions()) {
                return "topic '%s' has lanes 0 to %d"
                        .formatted(events.topic().name(), events.topic().partitions() - 1);
            }
            var there = kafka.reader().all(List.of(partition)).getFirst();
            return "lane %s holds %d to %d".formatted(first.lane(), there.from(), there.to() - 1);
        }
        return "searched from %s to %s; --since searches further back"
                .formatted(Moments.time(since), Moments.time(now));
    }

    /// By coordinates, of the first record or of a copy.
    private List<Seen> direct(String id) {
        var coordinates = EventId.coordinates(id);
        if (coordinates == null
                || !coordinates.first().tag().equals(events.topic().tag())
                || coordinates.first().partition() >= events.topic().partitions()) {
            return List.of();
        }
        var record = at(coordinates.first());
        if (record == null) {
            return List.of();
        }
        var origin = record.origin();
        if (origin != null && origin.first() != null) {
            var first = at(origin.first());
            return first == null ? seen(record, null) : seen(first, origin.index());
        }
        return seen(record, coordinates.index());
    }

    private @Nullable Sighting at(Position position) {
        if (!position.tag().equals(events.topic().tag())) {
            return null;
        }
        var record = kafka.reader().at(partition(position), position.offset());
        return record == null ? null : events.read(record);
    }

    private static List<Seen> seen(Sighting record, @Nullable Integer index) {
        var several = record.events().size() > 1;
        var seen =
                record.events().stream()
                        .filter(each -> index == null || !several || each.index() == index)
                        .map(each -> new Seen(record, each))
                        .toList();
        if (seen.size() > MOST_EVENTS) {
            throw new Failure(
                    "%s has %d targets (expected: %s.<index> names one of them)"
                            .formatted(record.at(), seen.size(), record.at()));
        }
        return seen;
    }

    /// The records after it, in the lanes of its addresses, that carry the same events.
    private List<Seen> withCopies(List<Seen> first, Instant from) {
        var found = new TreeMap<Position, List<Seen>>(inTime());
        first.forEach(each -> found.computeIfAbsent(each.at(), _ -> new ArrayList<>()).add(each));
        Set<TopicPartition> lanes = new LinkedHashSet<>();
        for (var each : first) {
            if (each.event().address() != null) {
                lanes.addAll(partitions(each.event().address()));
            }
        }
        kafka.reader()
                .read(
                        kafka.reader().since(lanes, from),
                        record -> {
                            var copy = events.read(record);
                            for (var event : copy.events()) {
                                if (isOneOf(first, event) && !found.containsKey(copy.at())) {
                                    found.put(copy.at(), List.of(new Seen(copy, event)));
                                }
                            }
                            return true;
                        });
        return sorted(found.values());
    }

    private static boolean isOneOf(List<Seen> first, Sighting.Event event) {
        return first.stream()
                .anyMatch(
                        each ->
                                each.event().id().equals(event.id())
                                        && Objects.equals(each.event().address(), event.address()));
    }

    private List<Seen> search(String id, AddressFlags meant, Instant since) {
        var address = meant.address();
        var lanes =
                address == null
                        ? kafka.reader().partitions(events.topic().name())
                        : partitions(address);
        var found = new ArrayList<List<Seen>>();
        kafka.reader()
                .read(
                        kafka.reader().since(lanes, since),
                        record -> {
                            var sighting = events.read(record);
                            found.add(
                                    sighting.events().stream()
                                            .filter(each -> each.id().equals(id))
                                            .filter(
                                                    each ->
                                                            each.address() == null
                                                                    || meant.matches(
                                                                            each.address()))
                                            .map(each -> new Seen(sighting, each))
                                            .toList());
                            return true;
                        });
        return sorted(found);
    }

    private static List<Seen> sorted(Iterable<List<Seen>> found) {
        var all = new ArrayList<Seen>();
        found.forEach(all::addAll);
        all.sort(
                Comparator.comparing((Seen each) -> each.record().time())
                        // In one millisecond a copy comes after what it is of.
                        .thenComparing(each -> !each.at().equals(each.event().first()))
                        .thenComparingLong(each -> each.at().offset()));
        return List.copyOf(all);
    }

    private static Comparator<Position> inTime() {
        return Comparator.comparingInt(Position::partition).thenComparingLong(Position::offset);
    }

    /// Keyed by event id, and so in one partition each.
    private List<Receipt> receipts(Set<String> ids, Instant from) {
        var partitions = kafka.reader().partitions(Topics.RECEIPTS);
        if (partitions.isEmpty()) {
            return List.of();
        }
        Set<TopicPartition> homes = new LinkedHashSet<>();
        for (var id : ids) {
            int hash = Utils.toPositive(Utils.murmur2(id.getBytes(StandardCharsets.UTF_8)));
            homes.add(partitions.get(hash % partitions.size()));
        }
        var found = new ArrayList<Receipt>();
        kafka.reader()
                .read(
                        kafka.reader().since(homes, from),
                        record -> {
                            if (record.key() != null
                                    && ids.contains(
                                            new String(record.key(), StandardCharsets.UTF_8))) {
                                try {
                                    found.add(Receipt.decode(record.value()));
                                } catch (IllegalArgumentException _) {
                                    // not one of ours
                                }
                            }
                            return true;
                        });
        return List.copyOf(found);
    }

    /// Those of its records, or, where nothing else is left, of the position that was asked for.
    private List<Letter> letters(String id, List<Seen> seen) {
        Set<Position> positions = new LinkedHashSet<>();
        seen.forEach(each -> positions.add(each.at()));
        var coordinates = EventId.coordinates(id);
        if (coordinates != null) {
            positions.add(coordinates.first());
        }
        if (positions.isEmpty()) {
            return List.of();
        }
        return new LetterBox(kafka)
                .letters().stream()
                        .filter(each -> positions.contains(each.letter().at()))
                        .filter(each -> isAbout(each, seen))
                        .toList();
    }

    private static boolean isAbout(Letter letter, List<Seen> seen) {
        var at = letter.letter().at();
        int target = letter.letter().target();
        var there = seen.stream().filter(each -> each.at().equals(at)).toList();
        return there.isEmpty()
                || target < 0
                || there.stream().anyMatch(each -> each.event().target().index() == target);
    }

    private List<Hinted> hints(List<Place> places) {
        if (places.isEmpty()) {
            return List.of();
        }
        var found = new ArrayList<Hinted>();
        for (var lease : redis.get(redis.leases().all())) {
            var partitions = kafka.reader().partitions(Topics.edge(lease.edge()));
            for (var each : places) {
                var from = kafka.reader().at(partitions, each.time());
                var to = kafka.reader().at(partitions, each.time().plus(HINTED_WITHIN));
                kafka.reader()
                        .read(
                                LogReader.ranges(partitions, from, to),
                                record -> {
                                    if (isHintOf(record.value(), each)) {
                                        found.add(
                                                new Hinted(
                                                        lease.edge(),
                                                        each.at(),
                                                        Instant.ofEpochMilli(record.timestamp())));
                                    }
                                    return true;
                                });
            }
        }
        return List.copyOf(found);
    }

    /// By the edges that live: nobody else knows, and they know the last ones only.
    private List<AtEdge> written(List<Place> places) {
        return redis.get(redis.leases().all()).parallelStream()
                .flatMap(
                        lease ->
                                places.stream()
                                        .flatMap(each -> edges.written(lease, each.at()).stream())
                                        .map(each -> new AtEdge(lease.edge(), each)))
                .toList();
    }

    private static boolean isHintOf(byte @Nullable [] value, Place place) {
        if (value == null) {
            return false;
        }
        try {
            var hint = Hint.decode(value);
            return hint.lane().position(hint.offset()).equals(place.at())
                    && hint.address().equals(place.address());
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private List<Standing> inboxes(List<Seen> seen) {
        Set<Address> addresses = new LinkedHashSet<>();
        seen.stream()
                .map(each -> each.event().address())
                .filter(Objects::nonNull)
                .forEach(addresses::add);
        if (addresses.isEmpty()) {
            return List.of();
        }
        var presence = PresenceBook.read(kafka);
        return addresses.stream().map(each -> inbox(each, seen, presence)).toList();
    }

    /// Where it lay when the lanes grew it still lies; otherwise where it is written now.
    private LaneId laneOf(Address address, List<Seen> seen) {
        var lanes = events.topic().lanesOf(address, Instant.now());
        return seen.stream()
                .filter(each -> address.equals(each.event().address()))
                .map(each -> each.at().lane())
                .filter(lanes::contains)
                .findFirst()
                .orElse(lanes.getLast());
    }

    private List<TopicPartition> partitions(Address address) {
        return events.topic().lanesOf(address, Instant.now()).stream()
                .map(each -> partition(each.position(0)))
                .toList();
    }

    private Standing inbox(Address address, List<Seen> seen, PresenceBook presence) {
        var lane = laneOf(address, seen);
        var shard = redis.get(redis.inspection().lane(lane));
        InboxInspection.AddressView view = redis.get(redis.inspection().address(lane, address));
        Position held = null;
        Instant expiry = null;
        for (var each : seen) {
            if (address.equals(each.event().address()) && lane.holds(each.at())) {
                var feed = redis.get(redis.inbox().read(lane, address, each.at().offset() - 1, 1));
                for (var entry : feed.entries()) {
                    if (entry.offset() == each.at().offset()) {
                        held = each.at();
                        expiry = Instant.ofEpochMilli(entry.expiry());
                    }
                }
            }
        }
        var living = redis.get(redis.leases().all()).stream().map(each -> each.edge()).toList();
        var online = view.edges().stream().filter(living::contains).toList();
        return new Standing(
                address,
                lane,
                shard.fence(),
                view.acked(),
                view.settled(),
                held,
                expiry,
                online,
                presence.of(address, online));
    }

    private TopicPartition partition(Position position) {
        return new TopicPartition(events.topic().name(), position.partition());
    }
}
