package io.switchboard.operator;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Target;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Decides, record by record of one lane's range, what a redelivery sends again: each event once,
/// by the record that carried it into its inbox. Records whose copies follow them (a list of
/// several, one in another lane than its address's, a delayed one) are left to their copies.
///
/// *Used by one thread, for one lane.*
final class Redelivery {
    private final String id;
    private final EventsTopic topic;
    private final Apps apps;
    private final Predicate<Sighting.Event> wanted;
    private final Set<String> seen = new HashSet<>();

    /// @param id of the redelivery
    /// @param wanted which events are meant
    Redelivery(String id, EventsTopic topic, Apps apps, Predicate<Sighting.Event> wanted) {
        this.id = id;
        this.topic = topic;
        this.apps = apps;
        this.wanted = wanted;
    }

    sealed interface Choice {}

    record Send(Sighting.Event event, Origin origin, String url, Target target, Headers from)
            implements Choice {}

    /// Why a record is not sent again.
    enum Skip implements Choice {
        NOT_MEANT("not meant by the filter"),
        COPIES_FOLLOW("has copies of its own (several targets, another lane, delayed)"),
        SEEN("sent again already (in this range, or under this redelivery id)"),
        DEAD("never delivered (a dead letter)");

        private final String sentence;

        Skip(String sentence) {
            this.sentence = sentence;
        }

        String sentence() {
            return sentence;
        }
    }

    /// A copy that an earlier run under the same id has written.
    void done(Sighting copy) {
        if (copy.origin() != null && id.equals(copy.origin().redelivery())) {
            copy.events().forEach(event -> seen.add(name(event)));
        }
    }

    /// @param now from when the new ttl counts
    Choice choose(Sighting record, Instant now) {
        var envelope = record.envelope();
        if (envelope == null || record.trust() == Sighting.Trust.REFUSED) {
            return Skip.DEAD;
        }
        var events = record.events();
        if (events.size() + record.problems().size() > 1) {
            return events.stream().anyMatch(wanted) ? Skip.COPIES_FOLLOW : Skip.NOT_MEANT;
        }
        if (events.isEmpty()) {
            return Skip.DEAD;
        }
        var event = events.getFirst();
        var address = event.address();
        if (address == null) {
            return Skip.DEAD;
        }
        if (!wanted.test(event)) {
            return Skip.NOT_MEANT;
        }
        if (address.partition(topic.lanesAt(record.at().partition(), record.at().offset()))
                != record.at().partition()) {
            return copied(record) ? Skip.DEAD : Skip.COPIES_FOLLOW;
        }
        if (isDelayed(record, event.target())) {
            return Skip.COPIES_FOLLOW;
        }
        var app = apps.app(address.app());
        var route = apps.route(envelope.url());
        if (app == null || !app.active() || route == null || !roleIsKnown(app, address)) {
            return Skip.DEAD;
        }
        if (!seen.add(name(event))) {
            return Skip.SEEN;
        }
        return send(record, event, address, envelope.url(), route, now);
    }

    private Send send(
            Sighting record,
            Sighting.Event event,
            Address address,
            String url,
            Apps.Route route,
            Instant now) {
        var target = event.target();
        var ttl = target.ttl() != null ? target.ttl() : route.ttl();
        var origin =
                new Origin(
                        Origin.Kind.REDELIVERED,
                        address.app(),
                        event.first(),
                        event.index(),
                        event.id(),
                        now.plus(ttl),
                        id);
        var again =
                new Target(
                        event.index(),
                        target.to(),
                        target.payload(),
                        target.id(),
                        target.ttl(),
                        null);
        return new Send(event, origin, url, again, record.headers());
    }

    /// Its due copy carries no `deliver_at`; one that was in the past when it was written never
    /// waited.
    private static boolean isDelayed(Sighting record, Target target) {
        return target.deliverAt() != null && target.deliverAt().isAfter(record.time());
    }

    private static boolean roleIsKnown(Apps.App app, Address address) {
        return !(address instanceof Address.Role role) || app.roles().contains(role.role());
    }

    private static boolean copied(Sighting record) {
        return record.origin() != null && record.origin().first() != null;
    }

    private static String name(Sighting.Event event) {
        return event.address() + "|" + event.id();
    }

    /// Which events an operator means. All that are given must hold.
    static Predicate<Sighting.Event> meaning(
            @Nullable String app, @Nullable Address address, @Nullable String eventId) {
        return event ->
                event.address() != null
                        && (app == null || event.address().app().equals(app))
                        && (address == null || event.address().equals(address))
                        && (eventId == null || event.id().equals(eventId));
    }
}
