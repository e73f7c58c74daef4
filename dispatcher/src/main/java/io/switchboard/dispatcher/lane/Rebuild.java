package io.switchboard.dispatcher.lane;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.Inbox;
import io.switchboard.runtime.Apps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts back what an emptied shard must know before anything is stored in it: positions and
/// re-driven letters from the acks topic, then origin fences and dedupe keys from the log before
/// the floor, as far back as the dedupe window reaches. Nothing can be read from the shard until
/// the first append has made its fence.
///
/// Each part names the one before it: a shard that was emptied again meanwhile would otherwise
/// take the rest for all, and so would the append that makes the fence.
///
/// Owned by the lane's owner.
final class Rebuild {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);

    private final Router router;
    private final Supplier<Apps> apps;
    private final Ports ports;
    private final Answers answers;

    /// Of the part that was asked for last; empty before the first.
    private String token = "";

    private int parts;

    /// One rebuild.
    ///
    /// @param id drawn for it alone
    /// @param acks bounds of the lane's partition of the acks topic
    /// @param from what is stored first
    /// @param log bounds of the lane's partition
    record Order(String id, Ports.Bounds acks, long from, Ports.Bounds log) {}

    Rebuild(Router router, Supplier<Apps> apps, Ports ports, Answers answers) {
        this.router = router;
        this.apps = apps;
        this.ports = ports;
        this.answers = answers;
    }

    /// @param then with the token that the shard holds
    void run(Order order, Consumer<String> then, Consumer<Throwable> failed) {
        token = "";
        parts = 0;
        LOG.atInfo()
                .addKeyValue("lane", router.lane())
                .log("Rebuilding an empty shard; storing from {}", order.from());
        Runnable ownWindow = () -> window(order, () -> then.accept(token), failed);
        positions(order, order.acks().begin(), () -> inherited(order, ownWindow, failed), failed);
    }

    private void positions(Order order, long at, Runnable then, Consumer<Throwable> failed) {
        if (at >= order.acks().end()) {
            // At least once, so that the shard knows the token.
            restore(order, List.of(), List.of(), List.of(), order.acks().end(), then, failed);
            return;
        }
        answers.inThisStep(
                ports.reader().read(Ports.Log.ACKS, router.lane(), at, order.acks().end()),
                chunk ->
                        restore(
                                order,
                                AcksTopic.positions(router.lane(), chunk.records()),
                                List.of(),
                                AcksTopic.letters(router.lane(), chunk.records()),
                                0,
                                () -> positions(order, chunk.next(), then, failed),
                                failed),
                failed);
    }

    private void inherited(Order order, Runnable then, Consumer<Throwable> failed) {
        new Inherited(
                        router,
                        apps,
                        ports,
                        answers,
                        (cursors, ids, next) ->
                                restore(order, cursors, List.of(), ids, 0, next, failed),
                        failed)
                .restore(then);
    }

    /// The window counts by record time: it begins that long before the first record to store.
    private void window(Order order, Runnable then, Consumer<Throwable> failed) {
        if (order.from() <= order.log().begin()) {
            then.run();
            return;
        }
        long last = Math.max(order.log().begin(), order.from() - 1);
        answers.inThisStep(
                ports.reader().read(Ports.Log.EVENTS, router.lane(), last, order.log().end()),
                chunk -> {
                    if (chunk.records().isEmpty()) {
                        warm(order, order.log().begin(), then, failed);
                        return;
                    }
                    long until = chunk.records().getFirst().timestamp();
                    answers.inThisStep(
                            ports.reader()
                                    .offsetAt(
                                            router.lane(), until - Inbox.DEDUPE_WINDOW.toMillis()),
                            start -> warm(order, start, then, failed),
                            failed);
                },
                failed);
    }

    private void warm(Order order, long at, Runnable then, Consumer<Throwable> failed) {
        if (at >= order.from()) {
            then.run();
            return;
        }
        answers.inThisStep(
                ports.reader().read(Ports.Log.EVENTS, router.lane(), at, order.from()),
                chunk -> {
                    var origins = new ArrayList<Append.OriginFence>();
                    var ids = new ArrayList<Inbox.SeenId>();
                    for (var record : chunk.records()) {
                        remember(record, origins, ids);
                    }
                    restore(
                            order,
                            List.of(),
                            origins,
                            ids,
                            0,
                            () -> warm(order, chunk.next(), then, failed),
                            failed);
                },
                failed);
    }

    private void remember(
            LogRecord record, List<Append.OriginFence> origins, List<Inbox.SeenId> ids) {
        var entry = router.route(record, apps.get(), 0).entry();
        if (entry == null || entry.verdict() instanceof Append.Verdict.Pass) {
            return;
        }
        if (entry.origin() != null) {
            origins.add(entry.origin());
        }
        for (var id : entry.ids()) {
            ids.add(new Inbox.SeenId(id, false, record.offset(), record.timestamp()));
        }
        for (var id : entry.letterIds()) {
            ids.add(new Inbox.SeenId(id, true, record.offset(), record.timestamp()));
        }
    }

    private void restore(
            Order order,
            List<io.switchboard.schemas.AckedPosition> positions,
            List<Append.OriginFence> origins,
            List<Inbox.SeenId> ids,
            long acksOffset,
            Runnable then,
            Consumer<Throwable> failed) {
        var before = token;
        token = order.id() + "." + parts++;
        answers.inThisStep(
                ports.inbox()
                        .restore(
                                new Inbox.Restore(
                                        router.lane(),
                                        before,
                                        token,
                                        positions,
                                        origins,
                                        ids,
                                        acksOffset)),
                _ -> then.run(),
                failed);
    }
}
