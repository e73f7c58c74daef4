package io.switchboard.operator;

import io.switchboard.runtime.Apps;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Problem;
import io.switchboard.schemas.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What sending a dead letter again means: the copies to be republished, or why it cannot be.
///
/// The cause is looked at first. Whatever the dispatcher would refuse again would only come back
/// as a new letter, so it is not sent.
sealed interface Redrive {

    /// @param leftBehind targets that are malformed and stay dead
    record Send(List<Copy> copies, int leftBehind) implements Redrive {}

    /// @param why a sentence that says what to mend
    record Refused(String why) implements Redrive {}

    record Copy(Origin origin, String url, Target target) {}

    /// @param app given by the operator, for letters whose app was never verified
    static Redrive of(DeadLetter letter, @Nullable String app, Apps apps, Instant now) {
        if (letter.raw() == null) {
            return new Refused(
                    "the record was too large to be kept (expected: the producer sends it again)");
        }
        var parsed = Envelope.parse(letter.raw());
        var envelope = parsed.envelope();
        if (envelope == null) {
            return new Refused(
                    "malformed: %s (expected: the producer sends it anew)"
                            .formatted(parsed.problems().getFirst().message()));
        }
        var owner = letter.app() != null ? letter.app() : app;
        if (owner == null) {
            return new Refused("no app was verified (expected: --app names whose it is)");
        }
        if (app != null && !app.equals(owner)) {
            return new Refused(
                    "it is an event of app '%s' (expected: --app %s, or none)"
                            .formatted(owner, owner));
        }
        var known = apps.app(owner);
        if (known == null || !known.active()) {
            return stillDead(ErrorCode.PRODUCER_IS_BLOCKED, owner);
        }
        var route = apps.route(envelope.url());
        if (route == null) {
            return stillDead(ErrorCode.URL_IS_UNKNOWN, envelope.url());
        }
        return copies(letter, parsed.problems(), envelope, known, route, now);
    }

    private static Redrive copies(
            DeadLetter letter,
            List<Problem> problems,
            Envelope envelope,
            Apps.App app,
            Apps.Route route,
            Instant now) {
        int malformed = (int) problems.stream().map(Problem::target).distinct().count();
        int written = envelope.targets().size() + malformed;
        var copies = new ArrayList<Copy>();
        for (var target : envelope.targets()) {
            if (letter.target() != Problem.WHOLE && letter.target() != target.index()) {
                continue;
            }
            if (target.to() instanceof Target.ToRole(var role) && !app.roles().contains(role)) {
                return stillDead(ErrorCode.ROLE_IS_UNKNOWN, role);
            }
            copies.add(copy(letter, target, written, envelope.url(), app.name(), route, now));
        }
        if (!copies.isEmpty()) {
            return new Send(List.copyOf(copies), letter.target() == Problem.WHOLE ? malformed : 0);
        }
        for (var problem : problems) {
            if (letter.target() == Problem.WHOLE || problem.target() == letter.target()) {
                return new Refused(
                        "malformed: %s (expected: the producer sends it anew)"
                                .formatted(problem.message()));
            }
        }
        return new Refused(
                "target %d is not in it: %d targets".formatted(letter.target(), written));
    }

    private static Copy copy(
            DeadLetter letter,
            Target target,
            int written,
            String url,
            String app,
            Apps.Route route,
            Instant now) {
        var ttl = target.ttl() != null ? target.ttl() : route.ttl();
        var later =
                target.deliverAt() != null && target.deliverAt().isAfter(now)
                        ? target.deliverAt()
                        : null;
        var origin =
                new Origin(
                        Origin.Kind.REDRIVEN,
                        app,
                        letter.at(),
                        target.index(),
                        EventId.of(target, letter.at(), written),
                        (later == null ? now : later).plus(ttl),
                        null);
        return new Copy(
                origin,
                url,
                new Target(
                        target.index(),
                        target.to(),
                        target.payload(),
                        target.id(),
                        target.ttl(),
                        later));
    }

    private static Refused stillDead(ErrorCode error, String thing) {
        return new Refused(
                "the cause is not mended: %s ('%s'); it would come back as a new letter"
                        .formatted(error.msg(), thing));
    }
}
