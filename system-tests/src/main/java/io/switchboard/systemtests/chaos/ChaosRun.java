package io.switchboard.systemtests.chaos;

import io.switchboard.systemtests.DeliveryChecker;
import io.switchboard.systemtests.Verdict;
import io.switchboard.systemtests.harness.RedisCopy;
import io.switchboard.systemtests.harness.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// People and producers use a system while a [Course] is run on it; then it is mended and judged.
///
/// The same seed does the same, but processes and networks have their own chance.
public final class ChaosRun {
    private static final Duration QUIET = Duration.ofSeconds(6);
    private static final Duration MOST = Duration.ofMinutes(3);
    private static final Duration UNTIL_ENDS = Duration.ofSeconds(30);

    public record Plan(long seed, int browsers, Course course) {}

    /// @param complaints what no history shows: browsers that stay offline, redeliveries that were
    ///     asked for and do not come
    public record Outcome(Plan plan, Verdict verdict, List<String> complaints, long seconds) {
        public boolean ok() {
            return verdict.ok() && complaints.isEmpty();
        }
    }

    private final Plan plan;
    private final ChaosSystem system;
    private final Stage stage;
    private final SplittableRandom random;

    private ChaosRun(Plan plan, ChaosSystem system, Stage stage) {
        this.plan = plan;
        this.system = system;
        this.stage = stage;
        this.random = new SplittableRandom(plan.seed);
    }

    public static Outcome play(Plan plan, ChaosSystem system) throws InterruptedException {
        try (var stage = Stage.on(system.system())) {
            return new ChaosRun(plan, system, stage).play();
        }
    }

    private Outcome play() throws InterruptedException {
        long began = System.nanoTime();
        var crowd = new Crowd(stage, system, plan.browsers);
        var operator = new Operator(stage, random.split());
        try (var receipts = new ReceiptTail(stage);
                var producers = new Producers(stage, crowd.targets(), random.split())) {
            var copy = new RedisCopy(system.infra().redisData());
            plan.course.run(
                    new Strike.Field(system, crowd, operator, copy, random), stage.history());
            system.mend();
            crowd.readOn();
            producers.stop();
            awaitQuiet(crowd);
            producers.sendLastOnes();
            awaitQuiet(crowd);
            receipts.awaitEnds(UNTIL_ENDS);
        }
        var complaints = new ArrayList<>(operator.complaints(stage.history()));
        crowd.offline().forEach(browser -> complaints.add(browser + " is offline at the end"));
        return new Outcome(
                plan,
                DeliveryChecker.withReceiptsOf(_ -> true).judge(stage.history()),
                complaints,
                Duration.ofNanos(System.nanoTime() - began).toSeconds());
    }

    /// Until nobody has anything to say, and everybody is online.
    private void awaitQuiet(Crowd crowd) throws InterruptedException {
        long deadline = System.nanoTime() + MOST.toNanos();
        long quietSince = System.nanoTime();
        int before = -1;
        while (System.nanoTime() < deadline) {
            int now = stage.history().lines().size();
            if (now != before || !crowd.offline().isEmpty()) {
                before = now;
                quietSince = System.nanoTime();
            } else if (System.nanoTime() - quietSince > QUIET.toNanos()) {
                return;
            }
            Thread.sleep(200);
        }
    }
}
