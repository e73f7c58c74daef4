package io.switchboard.operator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Republisher;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One run of a redelivery: lane by lane, in the order of the log, at a bounded rate.
///
/// The copies carry the redelivery's id, so that a run that was interrupted finds in the topic
/// itself what it has sent.
///
/// *Used by one thread.*
final class Replay {
    private static final int MOST_IN_FLIGHT = 100;

    private final KafkaLink link;
    private final Sighting.Reader reader;
    private final @Nullable Republisher republisher;
    private final long nanosBetween;
    private final Print print;
    private final Deque<Future<?>> inFlight = new ArrayDeque<>();
    private final Map<Redelivery.Skip, Long> skipped = new EnumMap<>(Redelivery.Skip.class);
    private long sent;
    private long nextAt = System.nanoTime();

    /// @param republisher null: nothing is sent
    Replay(
            KafkaLink link,
            Sighting.Reader reader,
            @Nullable Republisher republisher,
            int rate,
            Print print) {
        this.link = link;
        this.reader = reader;
        this.republisher = republisher;
        this.nanosBetween = TimeUnit.SECONDS.toNanos(1) / rate;
        this.print = print;
    }

    record Counts(long sent, Map<Redelivery.Skip, Long> skipped) {
        ObjectNode json(String id, boolean dryRun) {
            var node =
                    Json.object()
                            .put("redelivery", id)
                            .put("dry_run", dryRun)
                            .put(dryRun ? "would_send" : "sent", sent);
            var why = node.putObject("skipped");
            skipped.forEach(
                    (skip, count) ->
                            why.put(skip.name().toLowerCase(java.util.Locale.ROOT), count));
            return node;
        }
    }

    /// @param resumed look first for what an earlier run under this id has sent
    Counts run(
            String id,
            boolean resumed,
            Apps apps,
            Predicate<Sighting.Event> wanted,
            List<LogReader.Range> ranges) {
        for (var range : ranges) {
            var redelivery = new Redelivery(id, reader.topic(), apps, wanted);
            if (resumed) {
                var behind = ReplayRange.behind(List.of(range), link.reader());
                link.reader()
                        .read(
                                behind,
                                record -> {
                                    redelivery.done(reader.read(record));
                                    return true;
                                });
            }
            link.reader()
                    .read(
                            List.of(range),
                            record -> {
                                take(redelivery.choose(reader.read(record), Instant.now()));
                                return true;
                            });
        }
        while (!inFlight.isEmpty()) {
            awaitOldest();
        }
        return new Counts(sent, Map.copyOf(skipped));
    }

    private void take(Redelivery.Choice choice) {
        switch (choice) {
            case Redelivery.Skip skip -> skipped.merge(skip, 1L, Long::sum);
            case Redelivery.Send send -> send(send);
        }
    }

    private void send(Redelivery.Send send) {
        if (republisher != null) {
            pace();
            if (inFlight.size() == MOST_IN_FLIGHT) {
                awaitOldest();
            }
            inFlight.add(
                    link.sendAsync(
                            republisher.record(
                                    send.origin(), send.url(), send.target(), send.from())));
        }
        sent++;
        print.object(
                Json.object()
                        .put("event", send.event().id())
                        .put("address", String.valueOf(send.event().address()))
                        .put("first", send.event().first().toString())
                        .put("sent", republisher != null));
    }

    private void awaitOldest() {
        link.get(inFlight.remove(), "a copy");
    }

    private void pace() {
        long wait = nextAt - System.nanoTime();
        if (wait > 0) {
            try {
                TimeUnit.NANOSECONDS.sleep(wait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure("interrupted", e);
            }
        }
        nextAt = Math.max(nextAt, System.nanoTime() - TimeUnit.SECONDS.toNanos(1)) + nanosBetween;
    }
}
