package io.switchboard.systemtests.chaos;

import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.DeliveryChecker;
import io.switchboard.systemtests.History;
import io.switchboard.systemtests.Verdict;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;

/// One seed: who is struck, when, in which order.
///
/// The same seed strikes the same, but processes and networks have their own chance.
public final class ChaosRun {
    private static final Duration QUIET = Duration.ofSeconds(6);
    private static final Duration MOST = Duration.ofMinutes(3);
    private static final Duration BETWEEN_STRIKES = Duration.ofMillis(700);

    /// @param seconds no strike begins later
    public record Plan(long seed, int browsers, int seconds, List<Strike> strikes) {
        public Plan {
            strikes = List.copyOf(strikes);
        }
    }

    /// @param complaints what no history shows: browsers that stay offline
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
        try (var producers = new Producers(stage, crowd.targets(), random.split())) {
            strike(crowd, began);
            system.mend();
            crowd.readOn();
            producers.stop();
            awaitQuiet(crowd);
            producers.sendLastOnes();
            awaitQuiet(crowd);
        }
        readReceipts();
        var complaints = new ArrayList<String>();
        crowd.offline().forEach(browser -> complaints.add(browser + " is offline at the end"));
        return new Outcome(
                plan,
                DeliveryChecker.withReceiptsOf(_ -> true).judge(stage.history()),
                complaints,
                Duration.ofNanos(System.nanoTime() - began).toSeconds());
    }

    /// Each kind once, in an order of the seed's own; then as many more as there is time for.
    private void strike(Crowd crowd, long began) {
        var copy = new RedisCopy(system.infra().redisData());
        var field = new Strike.Field(system, crowd, copy, random);
        var left = new ArrayList<Strike>();
        while (Duration.ofNanos(System.nanoTime() - began).toSeconds() < plan.seconds) {
            if (left.isEmpty()) {
                left.addAll(plan.strikes);
                copy.take();
            }
            var strike = left.remove(random.nextInt(left.size()));
            stage.history().add(new History.Struck(strike.word()));
            strike.hit(field);
            field.pause(BETWEEN_STRIKES);
        }
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

    /// Those of this run, until each promised event has had its last one, or none come any more.
    private void readReceipts() {
        var open = new HashSet<String>();
        for (var line : stage.history().lines()) {
            if (line.event() instanceof History.Promised(var event)) {
                open.add(event);
            }
        }
        var ours = new HashSet<>(open);
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        try (var reader = new TopicReader(system.infra().kafka(), Topics.RECEIPTS)) {
            while (!open.isEmpty() && System.nanoTime() < deadline) {
                for (var record : reader.poll(Duration.ofMillis(500))) {
                    var receipt = Receipt.decode(record.value());
                    var address = receipt.address();
                    if (address != null
                            && address.app().equals(stage.app().name())
                            && ours.contains(receipt.id())) {
                        stage.history().add(new History.Receipted(receipt));
                        if (receipt.kind().terminal()) {
                            open.remove(receipt.id());
                        }
                    }
                }
            }
        }
    }
}
