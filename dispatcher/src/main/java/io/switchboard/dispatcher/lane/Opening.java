package io.switchboard.dispatcher.lane;

import io.switchboard.runtime.Apps;
import io.switchboard.schemas.CloudEvent;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Proof;
import org.jspecify.annotations.Nullable;

/// Bytes ─► [Opened]: who wrote it, may they, and what does it say.
///
/// The first thing that is wrong is the reason: the proof or the token comes before the content,
/// so that a stranger learns nothing about routes and roles.
///
/// Immutable.
final class Opening {
    private static final String TOKEN_HEADER = "chat_token";

    private final Proof proof;

    Opening(Proof proof) {
        this.proof = proof;
    }

    Opened open(LogRecord record, Apps apps) {
        var value = record.value();
        if (value == null) {
            return bad(
                    ErrorCode.ENVELOPE_IS_NOT_JSON,
                    "the record has no value (expected: an envelope)");
        }
        return record.header(Origin.HEADER) == null
                ? fromOutside(record, value, apps)
                : fromOurselves(record, value, apps);
    }

    private Opened fromOutside(LogRecord record, byte[] value, Apps apps) {
        var parsed = CloudEvent.orEnvelope(record.headers(), value);
        var envelope = parsed.envelope();
        if (envelope == null) {
            var first = parsed.problems().getFirst();
            return bad(first.code(), first.message());
        }
        var token = envelope.chatToken() == null ? record.text(TOKEN_HEADER) : envelope.chatToken();
        if (token == null) {
            return bad(
                    ErrorCode.CHAT_TOKEN_IS_REFUSED,
                    "no chat_token (expected: in the envelope or as a record header)");
        }
        var app = apps.appOfToken(token);
        if (app == null) {
            return new Opened.Bad(
                    ErrorCode.CHAT_TOKEN_IS_REFUSED,
                    "chat_token is of no app",
                    null,
                    null,
                    envelope,
                    null);
        }
        return judge(apps, app.name(), app, null, parsed, envelope);
    }

    private Opened fromOurselves(LogRecord record, byte[] value, Apps apps) {
        var origin = proven(record, value);
        if (origin == null) {
            return bad(
                    ErrorCode.PROOF_IS_WRONG,
                    "the record says where it comes from, but its proof does not hold (expected: written by a process with this cluster's key)");
        }
        var parsed = Envelope.parse(value);
        var envelope = parsed.envelope();
        if (envelope == null || (origin.first() != null && envelope.targets().size() != 1)) {
            return new Opened.Bad(
                    ErrorCode.FIELD_IS_WRONG,
                    parsed.problems().isEmpty()
                            ? "/data: several targets (expected: one in a forwarded record)"
                            : parsed.problems().getFirst().message(),
                    origin.app(),
                    origin,
                    envelope,
                    null);
        }
        return judge(apps, origin.app(), apps.app(origin.app()), origin, parsed, envelope);
    }

    private @Nullable Origin proven(LogRecord record, byte[] value) {
        var origin = record.header(Origin.HEADER);
        var given = record.header(Proof.HEADER);
        var key = record.key();
        if (origin == null || given == null || key == null) {
            return null;
        }
        if (!proof.verify(given, origin, key, value)) {
            return null;
        }
        try {
            var decoded = Origin.decode(origin);
            var forwarded = decoded.kind() != Origin.Kind.DIRECT;
            return forwarded == (decoded.first() != null) ? decoded : null;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static Opened judge(
            Apps apps,
            String name,
            Apps.@Nullable App app,
            @Nullable Origin origin,
            Envelope.Parsed parsed,
            Envelope envelope) {
        var route = apps.route(envelope.url());
        if (app == null || !app.active()) {
            return new Opened.Bad(
                    ErrorCode.PRODUCER_IS_BLOCKED,
                    "app '%s' is blocked or deleted".formatted(name),
                    name,
                    origin,
                    envelope,
                    route);
        }
        if (route == null) {
            return new Opened.Bad(
                    ErrorCode.URL_IS_UNKNOWN,
                    "/url: '%s' (expected: a route of the apps file)".formatted(envelope.url()),
                    name,
                    origin,
                    envelope,
                    null);
        }
        return new Opened.Good(app, origin, envelope, route, parsed.problems());
    }

    private static Opened bad(ErrorCode error, String detail) {
        return new Opened.Bad(error, detail, null, null, null, null);
    }
}
