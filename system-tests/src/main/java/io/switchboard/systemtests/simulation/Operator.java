package io.switchboard.systemtests.simulation;

import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.CommitMarker.Redelivery;
import io.switchboard.schemas.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Stops every dispatcher, sets a lane's commit back, and starts them again: so the events from
/// there on are asked for once more.
///
/// What browsers see of it is the checker's. What no history shows is said here: a reset that was
/// not obeyed, one that made two redeliveries (something crashed, and it began anew), a
/// redelivery that left out events of its range.
final class Operator {
    /// As long as the group takes to notice that its members are gone.
    private static final long UNTIL_EMPTY_MILLIS = 3_200;

    private final World world;
    private final Simulation run;
    private final SimKafka kafka;
    private final Map<Integer, Request> requests = new TreeMap<>();
    private final List<String> complaints = new ArrayList<>();

    /// The latest of a lane: it supersedes those before it.
    private static final class Request {
        final long from;
        final boolean isBelowFence;
        final int losses;
        boolean answered;
        @Nullable Redelivery taken;

        Request(long from, boolean isBelowFence, int losses) {
            this.from = from;
            this.isBelowFence = isBelowFence;
            this.losses = losses;
        }
    }

    Operator(World world, Simulation run, SimKafka kafka) {
        this.world = world;
        this.run = run;
        this.kafka = kafka;
        kafka.onCommit(this::onCommit);
    }

    void stopAndReset() {
        run.dispatchers().stream().filter(SimProcess::isUp).forEach(SimProcess::crash);
        world.in(UNTIL_EMPTY_MILLIS, this::reset);
    }

    /// Refused, as Kafka does, when somebody has started a dispatcher meanwhile.
    private void reset() {
        int partition = (int) world.between(0, kafka.lanes() - 1);
        var committed = kafka.committed(partition);
        if (committed != null && run.dispatchers().stream().noneMatch(SimProcess::isUp)) {
            long from = Math.max(0, committed.offset() - world.between(1, 12));
            var fence = run.fence(partition);
            world.trace(() -> "THE OPERATOR RESETS LANE %d TO %d".formatted(partition, from));
            kafka.resetGroup(partition, from);
            requests.put(
                    partition, new Request(from, fence != null && from <= fence, run.losses()));
            run.struck("operator reset");
        }
        run.dispatchers().stream().filter(it -> !it.isUp()).forEach(SimProcess::start);
    }

    private void onCommit(int partition, CommitMarker marker) {
        var request = requests.get(partition);
        if (request == null) {
            return;
        }
        var redelivery = marker.redelivery();
        if (!request.answered) {
            request.answered = true;
            request.taken = redelivery;
            // What Redis forgot since may have taken the fence below the reset.
            if (redelivery == null && request.isBelowFence && request.losses == run.losses()) {
                complaints.add(
                        "lane %d: the reset to %d is not obeyed"
                                .formatted(partition, request.from));
            }
        } else if (redelivery != null
                && (request.taken == null || !request.taken.id().equals(redelivery.id()))) {
            complaints.add(
                    "lane %d: the reset to %d makes another redelivery, %s"
                            .formatted(partition, request.from, redelivery));
        }
    }

    /// To be asked when everything has come to rest.
    List<String> complaints() {
        var all = new ArrayList<>(complaints);
        requests.forEach(
                (partition, request) -> {
                    if (request.taken != null) {
                        all.addAll(leftOut(partition, request.taken));
                    }
                });
        return all;
    }

    private List<String> leftOut(int partition, Redelivery redelivery) {
        var copies = copies(partition, redelivery.id());
        return run
                .producer()
                .direct(partition)
                .subMap(redelivery.from(), redelivery.to())
                .entrySet()
                .stream()
                .filter(sent -> !copies.contains(sent.getValue()))
                .map(
                        sent ->
                                "redelivery %s of lane %d leaves out %s at %d"
                                        .formatted(
                                                redelivery.id(),
                                                partition,
                                                sent.getValue(),
                                                sent.getKey()))
                .toList();
    }

    private Set<String> copies(int partition, String redelivery) {
        var copies = new HashSet<String>();
        kafka.forEachEvent(
                partition,
                record -> {
                    var header = record.headers().lastHeader(Origin.HEADER);
                    if (header != null) {
                        var origin = Origin.decode(header.value());
                        if (redelivery.equals(origin.redelivery())) {
                            copies.add(String.valueOf(origin.eventId()));
                        }
                    }
                });
        return copies;
    }
}
