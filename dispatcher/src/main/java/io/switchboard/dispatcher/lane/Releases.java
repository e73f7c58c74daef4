package io.switchboard.dispatcher.lane;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Counters;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends delayed records on when their time has come: reads the original again and republishes it
/// as due.
///
/// Only the copy, once it is read and appended, ends the delay of its original. So an original is
/// remembered here while its copy is under way, and forgotten when the lane has read the copy, or
/// has gone back and may not read it again.
///
/// Owned by the lane's owner.
final class Releases {
    private static final Logger LOG = LoggerFactory.getLogger(Releases.class);

    private final Router router;
    private final Supplier<Apps> apps;
    private final Ports ports;
    private final Answers answers;
    private final Effects effects;
    private final Counters<DispatcherCounter> counters;
    private final Set<Long> underWay = new HashSet<>();

    Releases(
            Router router,
            Supplier<Apps> apps,
            Ports ports,
            Answers answers,
            Effects effects,
            Counters<DispatcherCounter> counters) {
        this.router = router;
        this.apps = apps;
        this.ports = ports;
        this.answers = answers;
        this.effects = effects;
        this.counters = counters;
    }

    void restart() {
        underWay.clear();
    }

    /// @param due offsets of originals
    void release(List<Long> due) {
        for (long offset : due) {
            if (underWay.add(offset)) {
                answers.inThisStep(
                        ports.reader().read(Ports.Log.EVENTS, router.lane(), offset, offset + 1),
                        chunk -> send(offset, chunk.records()),
                        _ -> underWay.remove(offset));
            }
        }
    }

    /// Copies that were read back end the delay of their originals.
    void onRead(List<Routed> batch) {
        for (var each : batch) {
            if (each.entry() != null && each.entry().releases() != null) {
                underWay.remove(each.entry().releases());
            }
        }
    }

    private void send(long offset, List<LogRecord> found) {
        if (found.isEmpty() || found.getFirst().offset() != offset) {
            LOG.atError()
                    .addKeyValue("lane", router.lane())
                    .addKeyValue("position", router.lane().position(offset))
                    .log("A delayed record is gone from the log (expected: retention ≥ ttl)");
            return;
        }
        var record = found.getFirst();
        var copy = router.due(record, apps.get());
        if (copy == null) {
            LOG.atError()
                    .addKeyValue("lane", router.lane())
                    .addKeyValue("position", router.lane().position(offset))
                    .log("A record that can never have been delayed is said to be due");
            return;
        }
        counters.increment(DispatcherCounter.RECORDS_RELEASED);
        answers.inThisStep(
                ports.events().republish(copy),
                _ -> {},
                thrown -> {
                    // Its letter says so; the shard is told by nobody, and asks again.
                    effects.refuse(router.unwritable(record, thrown.getMessage()));
                });
    }
}
