package io.switchboard.systemtests.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The consumer group's coordinator: who has not been heard of for a session's length loses its
/// lanes to the others, without being asked.
final class Group {
    private static final long SESSION_MILLIS = 3_000;
    private static final long CHECK_MILLIS = 250;

    private final World world;
    private final SimKafka kafka;
    private final List<SimDispatcher> members;
    private final Map<SimDispatcher, Long> heard = new HashMap<>();

    Group(World world, SimKafka kafka, List<SimDispatcher> members) {
        this.world = world;
        this.kafka = kafka;
        this.members = members;
        check();
    }

    private void check() {
        for (var member : members) {
            if (member.runs() && !member.kafkaCut) {
                heard.put(member, world.now());
            }
        }
        var live = live();
        for (int partition = 0; partition < kafka.lanes() && !live.isEmpty(); partition++) {
            var owner = kafka.owner(partition);
            if (owner == null
                    || !live.contains((SimDispatcher) owner.owner())
                    || isNewLife(owner)) {
                give(partition, world.oneOf(live));
            }
        }
        world.in(CHECK_MILLIS, this::check);
    }

    private static boolean isNewLife(SimKafka.Assignment assignment) {
        return assignment.life() != assignment.owner().life();
    }

    private List<SimDispatcher> live() {
        var live = new ArrayList<SimDispatcher>();
        for (var member : members) {
            var at = heard.get(member);
            if (member.isUp() && at != null && world.now() - at < SESSION_MILLIS) {
                live.add(member);
            }
        }
        return live;
    }

    private void give(int partition, SimDispatcher to) {
        var assignment = kafka.assign(partition, to);
        world.trace(() -> "lane %d goes to %s".formatted(partition, to));
        to.later(world.between(1, 50), () -> to.onAssigned(partition, assignment));
    }

    /// An orderly move: the old owner lets go first.
    boolean moveALane() {
        int partition = (int) world.between(0, kafka.lanes() - 1);
        var live = live();
        var owner = kafka.owner(partition);
        if (owner == null || live.size() < 2) {
            return false;
        }
        var from = (SimDispatcher) owner.owner();
        live.remove(from);
        var to = world.oneOf(live);
        from.later(
                world.between(1, 50),
                () -> {
                    if (owner.equals(kafka.owner(partition))) {
                        from.onRevoked(partition, () -> give(partition, to));
                    }
                });
        return true;
    }
}
