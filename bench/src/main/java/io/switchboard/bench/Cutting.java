package io.switchboard.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Every socket is cut at once while events go on; browsers come back within a second each, by
/// chance, with their positions.
final class Cutting implements Case {
    private static final int RATE = 2_000;
    private static final Duration BEFORE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "reconnect";
    }

    @Override
    public String what() {
        return "5,000 sockets cut at once, jitter 0–1 s, 2,000 events/s meanwhile: until all are back, and what of it arrives";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        int agents = options.agentsOr(5_000).getFirst();
        int rate = options.ratesOr(RATE).getFirst();
        var back = new ArrayList<Double>();
        boolean held = true;
        try (var rig = Rig.start(options.rig())) {
            var stack = Stacks.unicast(rig, agents, List.of()).getFirst();
            stack.warmUp(rig, rate, options.warmUp());
            for (int run = 1; run <= options.runs(); run++) {
                var crowd = stack.crowd();
                var before = crowd.seen();
                var cutAt =
                        CompletableFuture.supplyAsync(
                                () -> {
                                    sleep(BEFORE);
                                    long now = System.nanoTime();
                                    crowd.cut();
                                    return now;
                                });
                var sent =
                        Load.run(Load.soon(), rate, options.length().plus(BEFORE), stack.events());
                held &= crowd.awaitReceived(before.received() + sent.sent(), PATIENCE);
                held &= crowd.awaitOnline(PATIENCE);
                var after = crowd.seen();
                double took = (after.lastOnlineNanos() - cutAt.get()) / 1e9;
                long missing = sent.sent() - (after.received() - before.received());
                held &= missing == 0 && after.repeated() == before.repeated();
                back.add(took);
                result.add(
                        result.row()
                                .put("agents", agents)
                                .put("rate", rate)
                                .put("run", run)
                                .put("all_back_s", Figures.round(took))
                                .put("cut", after.closed() - before.closed())
                                .put("sent", sent.sent())
                                .put("missing", missing)
                                .put("repeated", after.repeated() - before.repeated())
                                .put("skipped", after.skipped() - before.skipped())
                                .put("told_as_lost", after.lost() - before.lost()));
            }
        }
        result.say(
                "%,d sockets cut at once, %,d events/s meanwhile: all back after %s s (median of %d: %s), %s"
                        .formatted(
                                agents,
                                rate,
                                Figures.number(Stack.median(back)),
                                back.size(),
                                back.stream().map(Figures::number).toList(),
                                held ? "every event once, in order" : "NOT every event once"));
        return held;
    }

    static void sleep(Duration length) {
        try {
            Thread.sleep(length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
