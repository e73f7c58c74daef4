package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.Append.Verdict;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.EventFrame;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Problem;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Target;
import io.switchboard.schemas.TraceParent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One target of a record, with everything that follows from the two.
///
/// Immutable.
final class Event {
    private static final byte[] NO_FRAME = {};

    private final EventsTopic topic;
    private final LaneId lane;
    private final LogRecord record;
    private final Opened.Good good;
    final Target target;
    final Address address;
    final String eventId;
    final @Nullable Instant due;

    Event(EventsTopic topic, LaneId lane, LogRecord record, Opened.Good good, Target target) {
        this.topic = topic;
        this.lane = lane;
        this.record = record;
        this.good = good;
        this.target = target;
        this.address = target.to().in(good.app().name());
        var origin = good.origin();
        this.eventId =
                origin != null && origin.eventId() != null
                        ? origin.eventId()
                        : EventId.of(target, here(), good.written());
        this.due = due();
    }

    private @Nullable Instant due() {
        if (kind() == Origin.Kind.DUE || kind() == Origin.Kind.REDELIVERED) {
            return null;
        }
        var at = target.deliverAt();
        return at != null && at.isAfter(written()) ? at : null;
    }

    Origin.Kind kind() {
        return good.origin() == null ? Origin.Kind.DIRECT : good.origin().kind();
    }

    boolean forwarded() {
        return kind() != Origin.Kind.DIRECT;
    }

    Position here() {
        return lane.position(record.offset());
    }

    Instant written() {
        return Instant.ofEpochMilli(record.timestamp());
    }

    boolean isHere() {
        return address.partition(lanes()) == lane.partition();
    }

    /// A copy of a target lies where its list lay it out, so that its lane knows it again.
    private int lanes() {
        var first = first();
        return kind() == Origin.Kind.SPLIT && first.tag().equals(lane.tag())
                ? topic.lanesAt(first.partition(), first.offset())
                : topic.lanesAt(lane.partition(), record.offset());
    }

    /// Written here by somebody for whom the lanes had not grown yet.
    boolean wasHere() {
        return topic.wasLaneOf(address, lane.partition());
    }

    @Nullable Problem problem() {
        if (target.to() instanceof Target.ToRole(var role) && !good.app().roles().contains(role)) {
            return new Problem(
                    target.index(),
                    "/data/%d/role".formatted(target.index()),
                    ErrorCode.ROLE_IS_UNKNOWN,
                    "/data/%d/role: '%s' (expected: one of app '%s': %s)"
                            .formatted(
                                    target.index(),
                                    role,
                                    good.app().name(),
                                    good.app().roles().stream().sorted().toList()));
        }
        // A copy of a copy was admitted when it was new; its own timestamp is a later one.
        if (due != null
                && kind() == Origin.Kind.DIRECT
                && due.isAfter(written().plus(Router.MAX_DELAY))) {
            return new Problem(
                    target.index(),
                    "/data/%d/deliver_at".formatted(target.index()),
                    ErrorCode.FIELD_IS_WRONG,
                    "/data/%d/deliver_at: %s (expected: at most %d hours after the record's time %s)"
                            .formatted(target.index(), due, Router.MAX_DELAY.toHours(), written()));
        }
        return null;
    }

    Target deliverable() {
        return due == null && target.deliverAt() != null
                ? new Target(
                        target.index(),
                        target.to(),
                        target.payload(),
                        target.id(),
                        target.ttl(),
                        null)
                : target;
    }

    Instant expiry() {
        var origin = good.origin();
        if (origin != null && origin.expiry() != null) {
            return origin.expiry();
        }
        return (due == null ? written() : due).plus(ttl());
    }

    @Nullable Instant overdueAt() {
        var after = good.route().overdueAfter();
        return after == null || due != null ? null : written().plus(after);
    }

    Append.Record entry(boolean skipped) {
        Verdict verdict =
                skipped
                        ? new Verdict.Drop()
                        : due != null ? new Verdict.Delay(due.toEpochMilli()) : new Verdict.Store();
        return new Append.Record(
                record.offset(),
                address,
                eventId,
                verdict instanceof Verdict.Store ? frame() : NO_FRAME,
                expiry().toEpochMilli(),
                verdict,
                good.route().receipts(),
                good.route().capEntries(),
                good.route().capBytes(),
                ids(),
                letterIds(),
                fence(),
                Router.releases(lane, good.origin()));
    }

    private byte[] frame() {
        return EventFrame.encode(
                good.route().event(),
                eventId,
                address,
                here(),
                written(),
                redelivery(),
                TraceParent.of(record.headers()),
                target.payload());
    }

    /// How a repetition is recognised. The producer's id counts for first appearances only:
    /// a due or redelivered copy carries the same id, and is no repetition.
    private List<String> ids() {
        return switch (kind()) {
            case DIRECT, SPLIT ->
                    target.id() == null
                            ? List.of()
                            : List.of(good.app().name() + "|" + address + "|" + target.id());
            case DUE -> List.of(coordinates());
            case REDELIVERED -> List.of(address + "|" + eventId + "|" + redelivery());
            case REDRIVEN -> List.of();
        };
    }

    private List<String> letterIds() {
        return kind() == Origin.Kind.REDRIVEN ? List.of(coordinates()) : List.of();
    }

    private Append.@Nullable OriginFence fence() {
        if (kind() != Origin.Kind.SPLIT) {
            return null;
        }
        var first = first();
        return new Append.OriginFence(first.lane().toString(), first.offset(), index());
    }

    private String coordinates() {
        return first() + "." + index();
    }

    private Position first() {
        var origin = good.origin();
        return origin == null || origin.first() == null ? here() : origin.first();
    }

    private int index() {
        return good.origin() == null ? target.index() : good.origin().index();
    }

    private @Nullable String redelivery() {
        return good.origin() == null ? null : good.origin().redelivery();
    }

    Duration ttl() {
        return target.ttl() == null ? good.route().ttl() : target.ttl();
    }

    Receipt dropped() {
        return new Receipt(
                eventId, Receipt.Kind.DROPPED, address, here(), written(), null, null, null);
    }
}
