package io.switchboard.producer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.inbox.InboxAway;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Target;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What became of an event, as JSON:
///
/// ```json
/// {"id":"…","state":"acknowledged","ended":true,"url":"…","address":"agent:helpdesk/…","pos":"…",
///  "receipts":[{"receipt":"acknowledged","at":"…"},{"receipt":"stored","at":"…","online":true}]}
/// ```
///
/// `state` is `accepted` (in Kafka, no receipt yet), `stored`, `overdue`, or how it ended:
/// `acknowledged`, `dropped`, `expired`, `rejected`. Of two endings (a loss of Redis may cause a
/// second) the first in this order is what happened.
///
/// Where it stands in its inbox at this moment is in `inbox`, as [Inboxes#standing] says; null, and
/// `inbox_detail` says why, when that cannot be known.
///
/// Thread-safe; may wait for Kafka and Redis, for a bounded time.
final class EventLookup {
    private final EventIndex index;
    private final EventsLog log;
    private final @Nullable Supplier<Inboxes> inboxes;

    /// @param inboxes null: this process does not know Redis
    EventLookup(EventIndex index, EventsLog log, @Nullable Supplier<Inboxes> inboxes) {
        this.index = index;
        this.log = log;
        this.inboxes = inboxes;
    }

    sealed interface Answer {
        record Known(ObjectNode body) implements Answer {}

        record Unknown(String detail) implements Answer {}

        record Away(String detail) implements Answer {}
    }

    void onAccepted(String app, String id, Target target, Position at, String url) {
        index.onAccepted(id, new EventIndex.Accepted(url, target.to().in(app), at));
    }

    /// @param app only its events are found
    Answer find(String app, String id) {
        var known = index.find(app, id);
        if (known != null) {
            return new Answer.Known(json(id, known.accepted(), known.last(), known.receipts()));
        }
        var coordinates = EventId.coordinates(id);
        if (coordinates == null) {
            return unknown(id);
        }
        return switch (log.find(app, coordinates)) {
            case EventsLog.Answer.Found(var accepted) ->
                    new Answer.Known(json(id, accepted, null, List.of()));
            case EventsLog.Answer.Nothing _ -> unknown(id);
            case EventsLog.Answer.Away(var why) -> new Answer.Away(why);
        };
    }

    private static Answer unknown(String id) {
        return new Answer.Unknown(
                "%s: nothing is known of it (expected: the id of an event of this app, of the last %d or so or with a position for an id)"
                        .formatted(id, EventIndex.MAX_EVENTS));
    }

    private ObjectNode json(
            String id,
            EventIndex.@Nullable Accepted accepted,
            @Nullable Receipt last,
            List<Receipt> receipts) {
        var body = Json.object().put("id", id);
        body.put("state", last == null ? "accepted" : last.kind().word());
        body.put("ended", last != null && last.kind().terminal());
        if (accepted != null) {
            body.put("url", accepted.url());
        }
        var address =
                last != null && last.address() != null
                        ? last.address()
                        : accepted == null ? null : accepted.address();
        if (address != null) {
            body.put("address", address.toString());
        }
        var position =
                last != null && last.position() != null
                        ? last.position()
                        : accepted == null ? null : accepted.position();
        if (position != null) {
            body.put("pos", position.toString());
        }
        var list = body.putArray("receipts");
        receipts.forEach(each -> list.add(json(each)));
        if (address != null && position != null) {
            addInbox(body, address, position);
        }
        return body;
    }

    private void addInbox(ObjectNode body, Address address, Position position) {
        if (inboxes == null) {
            body.putNull("inbox").put("inbox_detail", Inboxes.UNKNOWN);
            return;
        }
        try {
            body.set("inbox", inboxes.get().standing(address, position));
        } catch (InboxAway e) {
            body.putNull("inbox").put("inbox_detail", "Redis does not answer");
        }
    }

    private static ObjectNode json(Receipt receipt) {
        var node =
                Json.object()
                        .put("receipt", receipt.kind().word())
                        .put("at", receipt.at().toString());
        if (receipt.online() != null) {
            node.put("online", receipt.online());
        }
        if (receipt.error() != null) {
            node.put("code", receipt.error().code()).put("msg", receipt.error().msg());
        }
        if (receipt.detail() != null) {
            node.put("detail", receipt.detail());
        }
        return node;
    }
}
