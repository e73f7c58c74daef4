package io.switchboard.schemas;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The events topic once got more partitions. Nothing was moved: what lay in a lane stays there,
/// and only what is written later lies where the larger count puts its address. `cuts` says what
/// "later" is, lane by lane.
///
/// Immutable.
///
/// @param from how many lanes there were
/// @param to how many there are since; a multiple, so that an address stays or goes to a new lane
/// @param at when, by the operator's clock: old enough, nothing is left in the former lanes
/// @param cuts of each former lane the first offset that the larger count holds for
public record Growth(int from, int to, Instant at, List<Long> cuts) {
    /// Longer than any event can wait in an inbox: its ttl is 30 days at most, its delay one.
    public static final Duration REMEMBERED = Duration.ofDays(32);

    public Growth {
        checkCounts(from, to);
        if (cuts.size() != from) {
            throw new IllegalArgumentException(
                    "cuts: %d (expected: %d, one for each former lane)"
                            .formatted(cuts.size(), from));
        }
        cuts = List.copyOf(cuts);
    }

    /// @throws IllegalArgumentException when lanes cannot grow so
    public static void checkCounts(int from, int to) {
        if (from < 1 || to <= from || to % from != 0) {
            throw new IllegalArgumentException(
                    "lanes: %d to %d (expected: a multiple, so that an address stays where it is or goes to a new lane)"
                            .formatted(from, to));
        }
    }

    /// Whether something may still lie in a former lane.
    public boolean matters(Instant now) {
        return now.isBefore(at.plus(REMEMBERED));
    }

    ObjectNode toJson() {
        var node = Json.object().put("from", from).put("to", to).put("at", at.toString());
        cuts.forEach(node.putArray("cuts")::add);
        return node;
    }

    static Growth of(com.fasterxml.jackson.databind.JsonNode node) {
        var cuts = new ArrayList<Long>();
        node.path("cuts").forEach(each -> cuts.add(each.asLong()));
        return new Growth(
                node.path("from").asInt(),
                node.path("to").asInt(),
                Instant.parse(node.path("at").asText()),
                cuts);
    }
}
