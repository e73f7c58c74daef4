package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.Append.Verdict;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Canary;
import io.switchboard.schemas.CloudEvent;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Problem;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.ReceiptLevel;
import io.switchboard.schemas.Republisher;
import io.switchboard.schemas.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// What a record of a lane means: an entry for an inbox, copies for other lanes, or a dead letter.
/// The same bytes and the same apps always mean the same, whoever reads them, and whenever.
///
/// One target in its address's lane is an entry. Several targets, or one that lies elsewhere, are
/// republished one by one. What was forwarded once is never forwarded for its lane again: it
/// would go round for ever.
///
/// Immutable.
public final class Router {
    public static final Duration MAX_DELAY = Duration.ofHours(24);

    /// Letters of one record hold its bytes each; beyond this they hold its coordinates only.
    private static final long MAX_LETTERS_BYTES = 8L * 1024 * 1024;

    private static final byte[] NO_FRAME = {};

    /// App of a due copy whose producer is not known any more.
    private static final String NOBODY = "unknown";

    private final EventsTopic topic;
    private final LaneId lane;
    private final Opening opening;
    private final Republisher republisher;
    private final Proof proof;

    public Router(EventsTopic topic, int partition, Proof proof) {
        this.topic = topic;
        this.lane = topic.lane(partition);
        this.opening = new Opening(proof);
        this.republisher = new Republisher(topic.name(), topic.partitions(), proof);
        this.proof = proof;
    }

    /// What records of that lane mean, for one that grew out of it.
    Router of(int partition) {
        return new Router(topic, partition, proof);
    }

    EventsTopic topic() {
        return topic;
    }

    LaneId lane() {
        return lane;
    }

    /// @param skip records below it are dropped, an operator says
    Routed route(LogRecord record, Apps apps, long skip) {
        var canary = record.header(Canary.HEADER);
        if (canary != null) {
            return canary(record, canary, skip);
        }
        return switch (opening.open(record, apps)) {
            case Opened.Bad bad -> refused(record, bad);
            case Opened.Good good -> route(record, good, record.offset() < skip);
        };
    }

    /// One at a time lies in its inbox; whatever is wrong with it, nobody misses it.
    private Routed canary(LogRecord record, byte[] frame, long skip) {
        var canary = Canary.decode(frame);
        if (canary == null
                || canary.address().partition(topic.partitions()) != lane.partition()
                || record.offset() < skip) {
            return Routed.nothing(record);
        }
        return Routed.entry(
                record,
                new Append.Record(
                        record.offset(),
                        canary.address(),
                        Canary.HEADER,
                        frame,
                        record.timestamp() + Canary.TTL.toMillis(),
                        new Verdict.Store(),
                        ReceiptLevel.NONE,
                        1,
                        frame.length,
                        List.of(),
                        List.of(),
                        null,
                        null),
                null);
    }

    /// The copy that goes on when a delayed record is due. It goes on even if its app, role or
    /// token is refused by now: only a copy that is read ends the delay, and it is refused then.
    /// Null when the record cannot have been delayed.
    @Nullable ProducerRecord<byte[], byte[]> due(LogRecord record, Apps apps) {
        return switch (opening.open(record, apps)) {
            case Opened.Good good -> {
                var target = good.envelope().targets().getFirst();
                var event = new Event(topic, lane, record, good, target);
                yield due(
                        record,
                        good.app().name(),
                        good.envelope().url(),
                        target,
                        event.eventId,
                        event.expiry());
            }
            case Opened.Bad bad -> {
                var envelope = bad.envelope();
                if (envelope == null || envelope.targets().size() != 1) {
                    yield null;
                }
                var target = envelope.targets().getFirst();
                yield due(
                        record,
                        bad.app() == null ? NOBODY : bad.app(),
                        envelope.url(),
                        target,
                        idOf(record, bad),
                        Instant.ofEpochMilli(record.timestamp()).plus(LaneSettings.HORIZON));
            }
        };
    }

    private ProducerRecord<byte[], byte[]> due(
            LogRecord record,
            String app,
            String url,
            Target target,
            String eventId,
            Instant expiry) {
        var origin =
                new Origin(
                        Origin.Kind.DUE,
                        app,
                        lane.position(record.offset()),
                        0,
                        eventId,
                        expiry,
                        null);
        var copy = republisher.record(origin, url, undelayed(target), record.headers());
        // Into this lane in any case: the delay is kept here.
        return new ProducerRecord<>(
                copy.topic(), lane.partition(), copy.key(), copy.value(), copy.headers());
    }

    /// The copy that an operator's redelivery makes of it, or null when it has none: it is bad,
    /// its copies are in the log anyway (several targets, delayed), or it is a redelivery itself.
    @Nullable ProducerRecord<byte[], byte[]> again(
            LogRecord record, Apps apps, String redelivery, Instant now) {
        if (record.header(Canary.HEADER) != null
                || !(opening.open(record, apps) instanceof Opened.Good good)) {
            return null;
        }
        var only = only(good, record);
        if (only == null || only.due != null || only.kind() == Origin.Kind.REDELIVERED) {
            return null;
        }
        return copy(
                record,
                good,
                only.target,
                Origin.Kind.REDELIVERED,
                0,
                only.eventId,
                now.plus(only.ttl()),
                redelivery);
    }

    /// The dead letter of a record whose copy Kafka refuses for good.
    Refusal unwritable(LogRecord record, @Nullable String why) {
        return refusal(
                record,
                Problem.WHOLE,
                ErrorCode.KAFKA_REFUSED,
                why == null ? ErrorCode.KAFKA_REFUSED.msg() : why,
                null,
                lane.position(record.offset()).toString(),
                null,
                1);
    }

    private Routed route(LogRecord record, Opened.Good good, boolean skipped) {
        if (good.written() > 1) {
            return split(record, good, skipped);
        }
        var event = new Event(topic, lane, record, good, good.envelope().targets().getFirst());
        var problem = event.problem();
        if (problem != null) {
            return refused(
                    record,
                    new Opened.Bad(
                            problem.code(),
                            problem.message(),
                            good.app().name(),
                            good.origin(),
                            good.envelope(),
                            good.route()));
        }
        if (event.isHere()) {
            return Routed.entry(record, event.entry(skipped), event.overdueAt());
        }
        if (event.forwarded() && event.wasHere()) {
            return forwarded(record, good, event);
        }
        if (event.forwarded()) {
            return refused(
                    record,
                    new Opened.Bad(
                            ErrorCode.WRONG_LANE,
                            "forwarded for '%s' into partition %d (expected: %d)"
                                    .formatted(
                                            event.address,
                                            lane.partition(),
                                            event.address.partition(topic.partitions())),
                            good.app().name(),
                            good.origin(),
                            good.envelope(),
                            good.route()));
        }
        return split(record, good, skipped);
    }

    /// A copy that came too late to be an entry here: it goes on as it is, so that what it is
    /// recognised by stays the same. That it was read may end a delay.
    private Routed forwarded(LogRecord record, Opened.Good good, Event event) {
        var origin = Objects.requireNonNull(good.origin());
        var copy =
                republisher.record(origin, good.envelope().url(), event.target, record.headers());
        var releases = releases(lane, origin);
        var entry =
                releases == null ? null : passed(record, event.address, event.eventId, releases);
        return new Routed(record, entry, List.of(copy), List.of(), List.of(), null);
    }

    private Routed split(LogRecord record, Opened.Good good, boolean skipped) {
        var copies = new ArrayList<ProducerRecord<byte[], byte[]>>();
        var dropped = new ArrayList<Receipt>();
        var problems = new ArrayList<>(good.problems());
        for (var target : good.envelope().targets()) {
            var event = new Event(topic, lane, record, good, target);
            var problem = event.problem();
            if (problem != null) {
                problems.add(problem);
            } else if (!skipped) {
                copies.add(
                        copy(
                                record,
                                good,
                                event.deliverable(),
                                Origin.Kind.SPLIT,
                                target.index(),
                                event.eventId,
                                event.expiry(),
                                null));
            } else if (good.route().receipts() != ReceiptLevel.NONE) {
                dropped.add(event.dropped());
            }
        }
        return new Routed(record, null, copies, refusals(record, good, problems), dropped, null);
    }

    private List<Refusal> refusals(LogRecord record, Opened.Good good, List<Problem> problems) {
        var refusals = new ArrayList<Refusal>();
        var seen = new java.util.HashSet<Integer>();
        int bad = (int) problems.stream().map(Problem::target).distinct().count();
        for (var problem : problems) {
            if (!seen.add(problem.target())) {
                continue;
            }
            refusals.add(
                    refusal(
                            record,
                            problem.target(),
                            problem.code(),
                            problem.message(),
                            good.app().name(),
                            eventId(record, good, problem.target()),
                            good.route(),
                            bad));
        }
        return refusals;
    }

    /// What it would have been called.
    private String eventId(LogRecord record, Opened.Good good, int index) {
        for (var target : good.envelope().targets()) {
            if (target.index() == index) {
                return EventId.of(target, lane.position(record.offset()), good.written());
            }
        }
        var coordinates = lane.position(record.offset()).toString();
        return good.written() == 1 ? coordinates : coordinates + "." + index;
    }

    private Routed refused(LogRecord record, Opened.Bad bad) {
        var eventId = idOf(record, bad);
        var refusal =
                refusal(
                        record,
                        Problem.WHOLE,
                        bad.error(),
                        bad.detail(),
                        bad.app(),
                        eventId,
                        bad.route(),
                        1);
        return new Routed(
                record, passed(record, bad, eventId), List.of(), List.of(refusal), List.of(), null);
    }

    /// A producer's own id is believed only when the producer is: otherwise a stranger could say
    /// "rejected" of an event that is not theirs.
    private String idOf(LogRecord record, Opened.Bad bad) {
        var envelope = bad.envelope();
        var origin = bad.origin();
        if (origin != null && origin.eventId() != null) {
            return origin.eventId();
        }
        return bad.app() == null || envelope == null || envelope.targets().size() != 1
                ? lane.position(record.offset()).toString()
                : EventId.of(envelope.targets().getFirst(), lane.position(record.offset()), 1);
    }

    /// The verdict travels through the shard even so: another dispatcher, with other apps, may
    /// have stored this record already; and a due copy ends the delay of its original in any case.
    private Append.@Nullable Record passed(LogRecord record, Opened.Bad bad, String eventId) {
        var envelope = bad.envelope();
        if (bad.app() == null || envelope == null || envelope.targets().size() != 1) {
            return null;
        }
        var address = envelope.targets().getFirst().to().in(bad.app());
        var releases = releases(lane, bad.origin());
        if (releases == null
                && address.partition(topic.lanesAt(lane.partition(), record.offset()))
                        != lane.partition()) {
            return null;
        }
        return passed(record, address, eventId, releases);
    }

    private static Append.Record passed(
            LogRecord record, Address address, String eventId, @Nullable Long releases) {
        return new Append.Record(
                record.offset(),
                address,
                eventId,
                NO_FRAME,
                record.timestamp(),
                new Verdict.Pass(),
                ReceiptLevel.NONE,
                1,
                1,
                List.of(),
                List.of(),
                null,
                releases);
    }

    static @Nullable Long releases(LaneId lane, @Nullable Origin origin) {
        if (origin == null || origin.kind() != Origin.Kind.DUE || origin.first() == null) {
            return null;
        }
        return lane.holds(origin.first()) ? (Long) origin.first().offset() : null;
    }

    private Refusal refusal(
            LogRecord record,
            int target,
            ErrorCode error,
            String detail,
            @Nullable String app,
            String eventId,
            Apps.@Nullable Route route,
            int letters) {
        var raw = said(record);
        if (raw != null && (long) raw.length * letters > MAX_LETTERS_BYTES) {
            raw = null;
        }
        var at = lane.position(record.offset());
        var letter =
                new DeadLetter(topic.name(), at, target, error, detail, app, Masking.masked(raw));
        var wanted = route == null || route.receipts() != ReceiptLevel.NONE;
        var receipt =
                new Receipt(
                        eventId,
                        Receipt.Kind.REJECTED,
                        null,
                        at,
                        Instant.ofEpochMilli(record.timestamp()),
                        null,
                        error,
                        detail);
        return new Refusal(eventId, letter, wanted ? receipt : null);
    }

    /// A letter keeps no headers of the record, and a CloudEvent says most in them: it is kept as
    /// the envelope that says the same.
    private static byte @Nullable [] said(LogRecord record) {
        var value = record.value();
        if (value == null || !CloudEvent.is(record.headers())) {
            return value;
        }
        var envelope = CloudEvent.envelope(record.headers(), value);
        return envelope == null ? value : envelope;
    }

    private @Nullable Event only(Opened.Good good, LogRecord record) {
        if (good.written() != 1) {
            return null;
        }
        var event = new Event(topic, lane, record, good, good.envelope().targets().getFirst());
        return event.problem() == null && event.isHere() ? event : null;
    }

    private ProducerRecord<byte[], byte[]> copy(
            LogRecord record,
            Opened.Good good,
            Target target,
            Origin.Kind kind,
            int index,
            String eventId,
            Instant expiry,
            @Nullable String redelivery) {
        var origin =
                new Origin(
                        kind,
                        good.app().name(),
                        lane.position(record.offset()),
                        index,
                        eventId,
                        expiry,
                        redelivery);
        if (kind != Origin.Kind.SPLIT) {
            return republisher.record(
                    origin, good.envelope().url(), undelayed(target), record.headers());
        }
        int lanes = topic.lanesAt(lane.partition(), record.offset());
        var splitter =
                lanes == topic.partitions()
                        ? republisher
                        : new Republisher(topic.name(), lanes, proof);
        return splitter.record(origin, good.envelope().url(), target, record.headers());
    }

    private static Target undelayed(Target target) {
        return new Target(
                target.index(), target.to(), target.payload(), target.id(), target.ttl(), null);
    }
}
