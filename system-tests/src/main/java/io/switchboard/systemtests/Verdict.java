package io.switchboard.systemtests;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What the [DeliveryChecker] found in a history.
///
/// Immutable.
///
/// @param counts of everything that breaks a promise, by kind
/// @param findings the same in words, at most [#MAX_FINDINGS]
/// @param faults how often each fault struck
public record Verdict(
        Map<Kind, Integer> counts,
        List<Finding> findings,
        Figures figures,
        Map<String, Integer> faults) {
    static final int MAX_FINDINGS = 100;

    /// A broken promise.
    public enum Kind {
        /// Promised to the producer, handled by nobody, and no receipt says why.
        LOST,
        /// Handled twice in one life of a page.
        DUPLICATED,
        /// Shown to a new page although a receipt had said before that it was acknowledged.
        AGAIN,
        /// Handled after something that lies behind it in its partition.
        REORDERED,
        /// Handled, and nobody ever sent it, or not to this person.
        PHANTOM,
        /// Skipped on a page that was not told so.
        SILENT_HOLES,
        /// The page is online at the end and still waits for it.
        UNSEEN_TAIL,
        /// No terminal receipt, though its route asks for them.
        UNANSWERED,
        /// Two terminal receipts that say different things, and Redis had lost nothing.
        TWO_ENDS;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public record Finding(Kind kind, String what) {
        @Override
        public String toString() {
            return kind.word() + ": " + what;
        }
    }

    /// What is worth knowing and breaks nothing.
    ///
    /// @param handled by whatever page, each time
    /// @param redelivered those of them that were redeliveries
    /// @param suppressed repetitions that a page's window of ids kept from its handler
    /// @param told how often a page was told LOST
    /// @param worstLagMillis longest time from promise to first handling
    public record Figures(
            int pages,
            int produced,
            int promised,
            int handled,
            int redelivered,
            int suppressed,
            int told,
            long worstLagMillis) {}

    public boolean ok() {
        return counts.values().stream().allMatch(count -> count == 0);
    }

    public int count(Kind kind) {
        return counts.getOrDefault(kind, 0);
    }

    public ObjectNode toJson() {
        var node = Json.object().put("ok", ok());
        for (var kind : Kind.values()) {
            node.put(kind.word(), count(kind));
        }
        node.put("pages", figures.pages)
                .put("produced", figures.produced)
                .put("promised", figures.promised)
                .put("handled", figures.handled)
                .put("redelivered", figures.redelivered)
                .put("suppressed", figures.suppressed)
                .put("told_lost", figures.told)
                .put("worst_lag_ms", figures.worstLagMillis);
        var struck = node.putObject("faults");
        new TreeMap<>(faults).forEach(struck::put);
        var list = node.putArray("findings");
        findings.forEach(finding -> list.add(finding.toString()));
        return node;
    }

    @Override
    public String toString() {
        return toJson().toString();
    }

    /// Collects findings; an event is named once per kind and page.
    static final class Builder {
        private final EnumMap<Kind, Integer> counts = new EnumMap<>(Kind.class);
        private final List<Finding> findings = new ArrayList<>();

        void add(Kind kind, String what) {
            counts.merge(kind, 1, Integer::sum);
            if (findings.size() < MAX_FINDINGS) {
                findings.add(new Finding(kind, what));
            }
        }

        Verdict build(Figures figures, Map<String, Integer> faults) {
            return new Verdict(
                    Map.copyOf(counts), List.copyOf(findings), figures, Map.copyOf(faults));
        }
    }
}
