package io.switchboard.operator;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloudEvent;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Problem;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Target;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// One record of the events topic, read as the dispatcher reads it, but by somebody who only looks.
///
/// Immutable.
///
/// @param origin null on what a producer wrote itself
/// @param app whose it is: the origin's, or the one that the token names; null when unknown
/// @param envelope null when nothing in it can be used
record Sighting(
        Position at,
        Instant time,
        Headers headers,
        @Nullable Origin origin,
        @Nullable String app,
        Trust trust,
        @Nullable Envelope envelope,
        List<Problem> problems) {

    /// Whether the record may speak for its app.
    enum Trust {
        /// The token, or the proof, is right.
        PROVEN,
        /// This tool has no cluster key, or no apps file, to tell.
        UNKNOWN,
        REFUSED
    }

    /// One target of the record, as the event that it is.
    ///
    /// @param address null when the app is unknown
    /// @param first the record that the producer wrote
    record Event(String id, @Nullable Address address, Position first, int index, Target target) {}

    /// Reads records of one topic. Immutable.
    ///
    /// @param apps null: producers' tokens cannot be checked
    /// @param proof null: origins are believed
    record Reader(EventsTopic topic, @Nullable Apps apps, @Nullable Proof proof) {
        private static final String TOKEN_HEADER = "chat_token";

        Sighting read(ConsumerRecord<byte[], byte[]> record) {
            var at = topic.lane(record.partition()).position(record.offset());
            var time = Instant.ofEpochMilli(record.timestamp());
            var value = record.value() == null ? new byte[0] : record.value();
            var parsed = CloudEvent.orEnvelope(record.headers(), value);
            var envelope = parsed.envelope();
            var header = record.headers().lastHeader(Origin.HEADER);
            if (header == null) {
                var app = appOf(envelope, record.headers());
                return new Sighting(
                        at,
                        time,
                        record.headers(),
                        null,
                        app,
                        apps == null ? Trust.UNKNOWN : app == null ? Trust.REFUSED : Trust.PROVEN,
                        envelope,
                        parsed.problems());
            }
            Origin origin;
            try {
                origin = Origin.decode(header.value());
            } catch (IllegalArgumentException _) {
                return new Sighting(
                        at,
                        time,
                        record.headers(),
                        null,
                        null,
                        Trust.REFUSED,
                        envelope,
                        parsed.problems());
            }
            return new Sighting(
                    at,
                    time,
                    record.headers(),
                    origin,
                    origin.app(),
                    trust(record, header.value(), value),
                    envelope,
                    parsed.problems());
        }

        private @Nullable String appOf(@Nullable Envelope envelope, Headers headers) {
            if (apps == null) {
                return null;
            }
            var token = envelope == null ? null : envelope.chatToken();
            if (token == null) {
                var header = headers.lastHeader(TOKEN_HEADER);
                token = header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
            }
            var app = token == null ? null : apps.appOfToken(token);
            return app == null ? null : app.name();
        }

        private Trust trust(ConsumerRecord<byte[], byte[]> record, byte[] origin, byte[] value) {
            if (proof == null) {
                return Trust.UNKNOWN;
            }
            var signed = record.headers().lastHeader(Proof.HEADER);
            return signed != null
                            && record.key() != null
                            && proof.verify(signed.value(), origin, record.key(), value)
                    ? Trust.PROVEN
                    : Trust.REFUSED;
        }
    }

    List<Event> events() {
        if (envelope == null) {
            return List.of();
        }
        var events = new ArrayList<Event>();
        for (var target : envelope.targets()) {
            events.add(event(target));
        }
        return List.copyOf(events);
    }

    private Event event(Target target) {
        var address = app == null ? null : target.to().in(app);
        var copied = origin == null ? null : origin.first();
        if (origin == null || copied == null) {
            return new Event(
                    EventId.of(target, at, targetsWritten()), address, at, target.index(), target);
        }
        var named = origin.eventId();
        var id = named != null ? named : EventId.of(target, copied, 1);
        return new Event(id, address, copied, origin.index(), target);
    }

    /// How many the producer wrote, the malformed ones included: names carry an index when there
    /// was more than one.
    private int targetsWritten() {
        var malformed = problems.stream().map(Problem::target).distinct().count();
        return (envelope == null ? 0 : envelope.targets().size()) + (int) malformed;
    }

    /// In one word, for people.
    String kind() {
        return origin == null ? "raw" : origin.kind().name().toLowerCase(java.util.Locale.ROOT);
    }
}
