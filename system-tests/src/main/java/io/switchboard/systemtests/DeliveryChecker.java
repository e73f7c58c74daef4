package io.switchboard.systemtests;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Receipt.Kind;
import java.util.List;
import java.util.function.Predicate;

/// Knows the promises, and nothing of how they are kept: it reads a [History] and says which were
/// broken.
///
/// The order of an address's events is the order of their positions, and which positions are
/// events of it is learnt from whoever handled one or from the receipt that names one; so it
/// needs no look into the log. What nobody handled and no receipt names is lost, not a hole.
///
/// A history is judged as finished: pages that are online in its last line had time to catch up.
///
/// Stateless.
public final class DeliveryChecker {
    private final Predicate<Address> receipts;

    private DeliveryChecker(Predicate<Address> receipts) {
        this.receipts = receipts;
    }

    /// Receipts are taken into account, not asked for.
    public static DeliveryChecker withoutReceipts() {
        return new DeliveryChecker(_ -> false);
    }

    /// Every promised event to these addresses must end in a receipt: its route asks for all.
    public static DeliveryChecker withReceiptsOf(Predicate<Address> addresses) {
        return new DeliveryChecker(addresses);
    }

    public Verdict judge(History history) {
        return judge(history.lines());
    }

    Verdict judge(List<History.Line> lines) {
        var facts = Facts.of(lines);
        var found = new Verdict.Builder();
        for (var page : facts.pages.values()) {
            new PageCheck(facts, page, found).check();
        }
        checkEvents(facts, found);
        checkAgain(facts, found);
        return found.build(facts.figures(), facts.faults);
    }

    private void checkEvents(Facts facts, Verdict.Builder found) {
        for (var event : facts.events.values()) {
            if (!event.promised) {
                continue;
            }
            var ends = event.receipts.stream().map(Receipt::kind).filter(Kind::terminal).toList();
            var what = "%s for %s".formatted(event.id, event.address);
            if (event.firstHandledAt < 0) {
                if (ends.isEmpty()) {
                    found.add(Verdict.Kind.LOST, what);
                } else if (ends.stream().allMatch(Kind.ACKNOWLEDGED::equals)
                        && !facts.toldAndForgotten(event)) {
                    found.add(
                            Verdict.Kind.LOST,
                            what + ": a receipt says acknowledged, nobody handled it");
                }
            }
            if (ends.isEmpty() && receipts.test(event.address)) {
                found.add(Verdict.Kind.UNANSWERED, what);
            }
            checkEnds(facts, event, found);
        }
    }

    /// One entry ends in one way; the one of a redelivery has an end of its own. A loss of Redis
    /// may cause a second one.
    private static void checkEnds(Facts facts, Facts.Event event, Verdict.Builder found) {
        if (facts.lostMemory(event.promisedAt, event.lastEndAt)) {
            return;
        }
        event.ends().values().stream()
                .filter(kinds -> kinds.size() > 1)
                .forEach(
                        kinds ->
                                found.add(
                                        Verdict.Kind.TWO_ENDS,
                                        "%s for %s: %s".formatted(event.id, event.address, kinds)));
    }

    /// A later page of the same person must not be shown what a receipt had called acknowledged
    /// before that page was opened. Two things excuse it: Redis lost its memory in the moment of
    /// the acknowledgement, whose position was then not yet in the log; or it was rolled back,
    /// which a lane notices only with its next append.
    private static void checkAgain(Facts facts, Verdict.Builder found) {
        for (var event : facts.events.values()) {
            if (!(event.address instanceof Address.Agent)) {
                continue;
            }
            for (var handling : event.handlings) {
                var page = facts.pages.get(handling.page());
                var acknowledged = event.acknowledged.get(handling.position());
                if (page != null
                        && acknowledged != null
                        && handling.key().isFirst()
                        && page.identity.positions().isEmpty()
                        && page.openedAtLine > acknowledged.line()
                        && !facts.forgot(acknowledged.at())) {
                    found.add(Verdict.Kind.AGAIN, "%s on %s".formatted(event.id, handling.page()));
                }
            }
        }
    }
}
