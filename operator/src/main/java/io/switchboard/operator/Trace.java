package io.switchboard.operator;

import io.switchboard.operator.Findings.Seen;
import io.switchboard.operator.Findings.Standing;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One event's path, put together from [Findings], and for each of its addresses the answer to
/// "why did mine not arrive?".
///
/// Immutable.
record Trace(List<Hop> hops, List<Judge.Verdict> verdicts) {

    /// What is not among them begins a path.
    private static final List<String> PATH = List.of("stored", "hinted", "written", "acknowledged");

    /// @param time null when it is known that it happened, but not when
    record Hop(@Nullable Instant time, String what, String where, String detail) {}

    static Trace of(Findings findings) {
        return new Trace(hops(findings), new Judge(findings).verdicts());
    }

    private static List<Hop> hops(Findings findings) {
        var hops = new ArrayList<Hop>();
        boolean several =
                findings.seen().stream().map(each -> each.event().address()).distinct().count() > 1;
        for (var seen : findings.seen()) {
            hops.add(produced(seen, several));
        }
        for (var receipt : findings.receipts()) {
            hops.add(told(receipt));
        }
        for (var hint : findings.hints()) {
            hops.add(
                    new Hop(
                            hint.at(),
                            "hinted",
                            hint.edge().id(),
                            hint.position() + ", incarnation " + hint.edge().incarnation()));
        }
        for (var each : findings.written()) {
            hops.add(written(each));
        }
        for (var letter : findings.letters()) {
            var dead = letter.letter();
            hops.add(
                    new Hop(
                            letter.at(),
                            "dead letter",
                            letter.key(),
                            "%d %s: %s"
                                    .formatted(
                                            dead.error().code(),
                                            dead.error().msg(),
                                            dead.detail())));
            if (letter.mark() != null) {
                hops.add(
                        new Hop(
                                letter.markedAt(),
                                "marked",
                                letter.key(),
                                "%s: %s"
                                        .formatted(
                                                letter.mark().kind().word(),
                                                letter.mark().note())));
            }
        }
        for (var inbox : findings.inboxes()) {
            // Others of the agent's tabs are still shown it for a while after.
            if (inbox.held() != null && inbox.held().offset() > inbox.acked()) {
                hops.add(new Hop(null, "in inbox", inbox.held().toString(), standing(inbox)));
            }
        }
        // In one millisecond they happened in the order of the path.
        hops.sort(
                Comparator.comparing(Hop::time, Comparator.nullsLast(Comparator.naturalOrder()))
                        .thenComparingInt(hop -> PATH.indexOf(hop.what())));
        return List.copyOf(hops);
    }

    /// @param several whether it must be said whom each record is for
    private static Hop produced(Seen seen, boolean several) {
        var record = seen.record();
        var origin = record.origin();
        var what =
                origin == null || origin.kind() == Origin.Kind.DIRECT
                        ? "produced"
                        : origin.kind().name().toLowerCase(Locale.ROOT);
        var detail = new ArrayList<String>();
        if (several) {
            var address = seen.event().address();
            detail.add(address == null ? "app unknown" : "for " + address);
        }
        if (origin != null && origin.first() != null) {
            detail.add("of " + origin.first());
        } else if (record.envelope() != null) {
            detail.add("by " + record.envelope().url());
        }
        if (origin != null && origin.redelivery() != null) {
            detail.add("redelivery " + origin.redelivery());
        }
        if (record.trust() == Sighting.Trust.REFUSED) {
            detail.add(origin == null ? "token refused" : "proof wrong");
        }
        return new Hop(record.time(), what, record.at().toString(), String.join(", ", detail));
    }

    private static Hop told(Receipt receipt) {
        var where = receipt.position() == null ? "" : receipt.position().toString();
        var detail =
                receipt.error() != null
                        ? "%d %s%s"
                                .formatted(
                                        receipt.error().code(),
                                        receipt.error().msg(),
                                        receipt.detail() == null ? "" : ": " + receipt.detail())
                        : receipt.online() == null
                                ? ""
                                : receipt.online() ? "agent online" : "agent away";
        return new Hop(receipt.at(), receipt.kind().word(), where, detail);
    }

    private static Hop written(Findings.AtEdge at) {
        var it = at.written();
        var others = it.connections() == 1 ? "" : " and %d others".formatted(it.connections() - 1);
        return new Hop(
                it.at(),
                "written",
                at.edge().id(),
                "%s, connection %s%s".formatted(it.position(), it.connection(), others));
    }

    private static String standing(Standing inbox) {
        return inbox.expiry() == null ? "" : "until " + Moments.time(inbox.expiry());
    }
}
