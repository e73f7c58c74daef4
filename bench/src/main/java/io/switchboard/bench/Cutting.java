package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
        double first;
        boolean held = true;
        try (var rig = Rig.start(options.rig())) {
            var stack = Stacks.unicast(rig, agents, List.of()).getFirst();
            stack.warmUp(rig, rate, options.warmUp(), result);
            var length = options.length().plus(BEFORE);
            var cut = round(rig, stack, rate, length);
            first = cut.allBackSeconds();
            WarmUp.of(
                    "coming back",
                    Duration.ZERO,
                    result,
                    () -> round(rig, stack, rate, length).toll);
            for (int run = 1; run <= options.runs(); run++) {
                cut = round(rig, stack, rate, length);
                held &= cut.held();
                back.add(cut.allBackSeconds());
                result.add(
                        cut.into(
                                result.row()
                                        .put("agents", agents)
                                        .put("rate", rate)
                                        .put("run", run)
                                        .put("first_all_back_s", Figures.round(first))));
            }
        }
        result.say(
                "%,d sockets cut at once, %,d events/s meanwhile: all back after %s s (median of %d: %s; the first time: %s s), %s"
                        .formatted(
                                agents,
                                rate,
                                Figures.number(Stack.median(back)),
                                back.size(),
                                back.stream().map(Figures::number).toList(),
                                Figures.number(first),
                                held ? "every event once, in order" : "NOT every event once"));
        return held;
    }

    /// @param toll until all were back
    private record Cut(
            long atNanos,
            boolean allBack,
            Toll.Paid toll,
            long sent,
            Crowd.Seen before,
            Crowd.Seen after) {
        long missing() {
            return sent - (after.received() - before.received());
        }

        long repeated() {
            return after.repeated() - before.repeated();
        }

        boolean held() {
            return allBack && missing() == 0 && repeated() == 0;
        }

        double allBackSeconds() {
            return (after.lastOnlineNanos() - atNanos) / 1e9;
        }

        ObjectNode into(ObjectNode row) {
            row.put("all_back_s", Figures.round(allBackSeconds()))
                    .put("half_back_s", seconds(after, 50))
                    .put("p99_back_s", seconds(after, 99))
                    .put("cut", after.closed() - before.closed())
                    .put("sent", sent)
                    .put("missing", missing())
                    .put("repeated", repeated())
                    .put("skipped", after.skipped() - before.skipped())
                    .put("told_as_lost", after.lost() - before.lost());
            return toll.into(row);
        }
    }

    private static Cut round(Rig rig, Stack stack, int rate, Duration length) throws Exception {
        var crowd = stack.crowd();
        var before = crowd.seen();
        var cut =
                CompletableFuture.supplyAsync(
                        () -> {
                            sleep(BEFORE);
                            var toll = Toll.begin(rig);
                            long now = System.nanoTime();
                            crowd.cut();
                            boolean all = crowd.awaitOnline(PATIENCE);
                            return new Cut(now, all, toll.end(), 0, before, before);
                        });
        var sent = Load.run(Load.soon(), rate, length, stack.events());
        var there = cut.get();
        crowd.awaitReceived(before.received() + sent.sent(), PATIENCE);
        return new Cut(there.atNanos, there.allBack, there.toll, sent.sent(), before, crowd.seen());
    }

    /// After how long so many percent were back.
    static double seconds(Crowd.Seen seen, double percent) {
        return Figures.round(seen.absences().getValueAtPercentile(percent) / 1e6);
    }

    static void sleep(Duration length) {
        try {
            Thread.sleep(length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
