package io.switchboard.operator;

import io.switchboard.operator.Findings.Seen;
import io.switchboard.operator.Findings.Standing;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.LetterMark;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What became of an event, for each of its addresses: decided in the order in which an operator
/// would ask.
///
/// Immutable.
record Judge(Findings findings) {
    private static final int SENT_AGAIN = 3;

    /// @param address null when it is not known whom the event was for
    record Verdict(Fate fate, @Nullable Address address, String sentence) {}

    enum Fate {
        /// Nothing of that name was found, or too little to tell.
        UNKNOWN,
        /// A dead letter.
        REJECTED,
        /// A dead letter that an operator has sent again, its copy not yet seen.
        REDRIVEN,
        DELAYED,
        /// In Kafka; its lane has not come to it.
        BEHIND,
        /// In the inbox of somebody who is away.
        WAITING,
        /// In the inbox of somebody who is online.
        SENT,
        ACKNOWLEDGED,
        EXPIRED,
        DROPPED,
        /// The same event was stored before.
        REPEAT;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    List<Verdict> verdicts() {
        var addresses = new LinkedHashSet<Address>();
        findings.seen().stream()
                .map(seen -> seen.event().address())
                .filter(Objects::nonNull)
                .forEach(addresses::add);
        findings.receipts().stream()
                .map(Receipt::address)
                .filter(Objects::nonNull)
                .forEach(addresses::add);
        if (!addresses.isEmpty()) {
            return addresses.stream().map(this::of).toList();
        }
        var dead = deadLetter(null);
        if (dead != null) {
            return List.of(dead);
        }
        for (var receipt : findings.receipts()) {
            if (receipt.kind() == Receipt.Kind.REJECTED) {
                return List.of(rejected(receipt, null));
            }
        }
        if (!findings.seen().isEmpty()) {
            return List.of(
                    new Verdict(
                            Fate.REJECTED,
                            null,
                            "not delivered: its chat_token names no app of this apps file"));
        }
        return List.of(
                new Verdict(
                        Fate.UNKNOWN,
                        null,
                        "unknown id: '%s' is not in Kafka (%s)"
                                .formatted(findings.id(), findings.searched())));
    }

    private Verdict of(Address address) {
        var last = decisive(address);
        var ended = ended(address, last);
        if (ended != null) {
            return ended;
        }
        var dead = deadLetter(last);
        if (dead != null) {
            return dead;
        }
        var inbox = inboxOf(address);
        if (inbox == null || last == null) {
            return new Verdict(
                    Fate.UNKNOWN,
                    address,
                    "where it is cannot be told: %s".formatted(findings.searched()));
        }
        if (inbox.held() != null) {
            return held(address, inbox);
        }
        return notHeld(address, last, inbox);
    }

    private @Nullable Verdict ended(Address address, @Nullable Seen last) {
        Receipt best = null;
        for (var receipt : findings.receipts()) {
            boolean about = receipt.address() == null || receipt.address().equals(address);
            if (about
                    && receipt.kind().terminal()
                    && !isOlder(receipt, last)
                    && (best == null || receipt.kind().compareTo(best.kind()) < 0)) {
                best = receipt;
            }
        }
        if (best == null) {
            return null;
        }
        var at = Moments.time(best.at());
        return switch (best.kind()) {
            case ACKNOWLEDGED ->
                    new Verdict(
                            Fate.ACKNOWLEDGED,
                            address,
                            "arrived: a browser of %s acknowledged it at %s%s"
                                    .formatted(address, at, after(address, best.at())));
            case EXPIRED ->
                    new Verdict(
                            Fate.EXPIRED,
                            address,
                            "expired at %s: nobody at %s acknowledged it before its ttl ended"
                                    .formatted(at, address));
            case DROPPED ->
                    new Verdict(
                            Fate.DROPPED,
                            address,
                            "dropped at %s: %s held as many unacknowledged events as its route allows, or an operator skipped it"
                                    .formatted(at, address));
            case REJECTED -> {
                var dead = deadLetter(last);
                yield dead == null ? rejected(best, address) : dead;
            }
            case STORED, OVERDUE -> throw new IllegalStateException("not terminal");
        };
    }

    /// A receipt of an earlier copy says nothing about the one that was sent since.
    private static boolean isOlder(Receipt receipt, @Nullable Seen last) {
        if (last == null) {
            return false;
        }
        var position = receipt.position();
        if (position != null && position.lane().equals(last.at().lane())) {
            return position.offset() < last.at().offset();
        }
        return rank(last) == SENT_AGAIN && receipt.at().isBefore(last.record().time());
    }

    private static Verdict rejected(Receipt receipt, @Nullable Address address) {
        var error = receipt.error();
        return new Verdict(
                Fate.REJECTED,
                address,
                "rejected at %s: %s%s"
                        .formatted(
                                Moments.time(receipt.at()),
                                error == null ? "no reason given" : error.msg(),
                                receipt.detail() == null ? "" : ", " + receipt.detail()));
    }

    /// @param last what was sent since a letter was re-driven is judged by itself
    private @Nullable Verdict deadLetter(@Nullable Seen last) {
        for (var letter : findings.letters().reversed()) {
            if (last != null && !letter.letter().at().equals(last.at())) {
                continue;
            }
            var dead = letter.letter();
            var said =
                    "rejected at %s: %s, %s"
                            .formatted(
                                    Moments.time(letter.at()), dead.error().msg(), dead.detail());
            if (letter.mark() == null) {
                return new Verdict(
                        Fate.REJECTED,
                        last == null ? null : last.event().address(),
                        said
                                + "; mend that, then `dead-letters redrive %s`"
                                        .formatted(letter.key()));
            }
            var fate =
                    letter.mark().kind() == LetterMark.Kind.REDRIVEN ? Fate.REDRIVEN : Fate.DROPPED;
            return new Verdict(
                    fate,
                    last == null ? null : last.event().address(),
                    "%s; an operator %s it (%s)"
                            .formatted(
                                    said,
                                    fate == Fate.REDRIVEN ? "re-drove" : "dropped",
                                    letter.mark().note()));
        }
        return null;
    }

    private Verdict held(Address address, Standing inbox) {
        var held = Objects.requireNonNull(inbox.held());
        if (held.offset() <= inbox.acked()) {
            return acknowledged(address);
        }
        var until =
                inbox.expiry() == null ? "" : "; it is kept until " + Moments.time(inbox.expiry());
        if (!inbox.edges().isEmpty()) {
            return new Verdict(
                    Fate.SENT,
                    address,
                    "in the inbox, %s is online at %s and has not acknowledged it%s%s"
                            .formatted(
                                    address,
                                    String.join(
                                            ", ", inbox.edges().stream().map(e -> e.id()).toList()),
                                    handed(held),
                                    until));
        }
        return new Verdict(
                Fate.WAITING,
                address,
                "in the inbox: %s is not online%s%s"
                        .formatted(address, since(inbox.presence()), until));
    }

    /// How far it came on its way to the browser.
    private String handed(Position held) {
        for (var each : findings.written()) {
            if (each.written().position().equals(held)) {
                return " (written to connection %s at %s)"
                        .formatted(each.written().connection(), Moments.time(each.written().at()));
            }
        }
        for (var hint : findings.hints()) {
            if (hint.position().equals(held)) {
                return " (hinted at %s)".formatted(Moments.time(hint.at()));
            }
        }
        return "";
    }

    private static String since(Findings.@Nullable Presence presence) {
        if (presence == null) {
            return "";
        }
        return presence.online()
                ? " any more (it came at %s)".formatted(Moments.time(presence.since()))
                : " since " + Moments.time(presence.since());
    }

    private Verdict notHeld(Address address, Seen last, Standing inbox) {
        if (!last.at().lane().equals(inbox.lane())) {
            return new Verdict(
                    Fate.BEHIND,
                    address,
                    "not republished yet: lane %s has not come to %s, or could not write the copy for lane %s (see `lanes`)"
                            .formatted(last.at().lane(), last.at(), inbox.lane()));
        }
        var fence = inbox.fence();
        if (fence == null) {
            return new Verdict(
                    Fate.BEHIND,
                    address,
                    "not stored yet: lane %s is being rebuilt (see `lanes`)"
                            .formatted(last.at().lane()));
        }
        long offset = last.at().offset();
        if (offset > fence) {
            return new Verdict(
                    Fate.BEHIND,
                    address,
                    "not stored yet: lane %s stands at %d, %d records before it (see `lanes`)"
                            .formatted(last.at().lane(), fence, offset - fence));
        }
        var due = last.event().target().deliverAt();
        if (due != null && due.isAfter(findings.now())) {
            return new Verdict(
                    Fate.DELAYED,
                    address,
                    "delayed: it is due at %s, in %s"
                            .formatted(
                                    Moments.time(due),
                                    Moments.span(Duration.between(findings.now(), due))));
        }
        var expiry = last.record().origin() == null ? null : last.record().origin().expiry();
        if (expiry != null && !expiry.isAfter(findings.now()) && offset > inbox.acked()) {
            return new Verdict(
                    Fate.EXPIRED,
                    address,
                    "expired: its ttl ended at %s".formatted(Moments.time(expiry)));
        }
        if (offset <= inbox.acked()) {
            return acknowledged(address);
        }
        if (offset <= inbox.settled()) {
            return new Verdict(
                    Fate.EXPIRED,
                    address,
                    "ended unacknowledged: expired, or dropped by the cap of its route (the route's receipts tell which)");
        }
        return new Verdict(
                Fate.REPEAT,
                address,
                "not stored: recognised as a repetition of an event with the same id for %s"
                        .formatted(address));
    }

    private static Verdict acknowledged(Address address) {
        return new Verdict(
                Fate.ACKNOWLEDGED,
                address,
                "arrived: %s has acknowledged up to and past it (its route asks for no receipt, so the time is not kept)"
                        .formatted(address));
    }

    private String after(Address address, Instant at) {
        return findings.seen().stream()
                .filter(seen -> address.equals(seen.event().address()))
                .findFirst()
                .map(
                        seen ->
                                ", %s after it was produced"
                                        .formatted(
                                                Moments.span(
                                                        Duration.between(
                                                                seen.record().time(), at))))
                .orElse("");
    }

    /// The record that the event's fate hangs on: the last redelivery or re-drive; otherwise the
    /// first that went into the inbox. A producer's retry behind it is a repetition.
    private @Nullable Seen decisive(Address address) {
        Seen decisive = null;
        for (var seen : findings.seen()) {
            if (!address.equals(seen.event().address())) {
                continue;
            }
            if (decisive == null
                    || rank(seen) > rank(decisive)
                    || (rank(seen) == rank(decisive) && rank(seen) == SENT_AGAIN)) {
                decisive = seen;
            }
        }
        return decisive;
    }

    private static int rank(Seen seen) {
        var origin = seen.record().origin();
        if (origin == null) {
            return 0;
        }
        return switch (origin.kind()) {
            case DIRECT -> 0;
            case SPLIT -> 1;
            case DUE -> 2;
            case REDELIVERED, REDRIVEN -> SENT_AGAIN;
        };
    }

    private @Nullable Standing inboxOf(Address address) {
        return findings.inboxes().stream()
                .filter(each -> each.address().equals(address))
                .findFirst()
                .orElse(null);
    }
}
