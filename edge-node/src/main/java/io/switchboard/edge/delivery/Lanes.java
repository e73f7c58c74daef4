package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import java.util.List;

/// The events topic as it stands: which address lies in which lane.
///
/// Immutable.
///
/// @param former how many lanes there were before, the oldest count first, as long as something may
///     wait in those
public record Lanes(String tag, int count, List<Integer> former) {
    public Lanes {
        if (count < 1) {
            throw new IllegalArgumentException("lanes: %d (expected: ≥ 1)".formatted(count));
        }
        former = List.copyOf(former);
    }

    /// As many as ever.
    public Lanes(String tag, int count) {
        this(tag, count, List.of());
    }

    public LaneId of(Address address) {
        return new LaneId(tag, address.partition(count));
    }

    /// All that hold something for the address, or may, the oldest first: what lies in one comes
    /// before what lies in the next. The last is [#of].
    List<LaneId> all(Address address) {
        if (former.isEmpty()) {
            return List.of(of(address));
        }
        var now = of(address);
        var all = new java.util.ArrayList<LaneId>();
        for (int each : former) {
            var lane = new LaneId(tag, address.partition(each));
            if (!lane.equals(now) && !all.contains(lane)) {
                all.add(lane);
            }
        }
        all.add(now);
        return all;
    }

    /// The same topic, with more lanes; nothing lies elsewhere than before.
    boolean grewFrom(Lanes before) {
        return tag.equals(before.tag) && count >= before.count;
    }
}
