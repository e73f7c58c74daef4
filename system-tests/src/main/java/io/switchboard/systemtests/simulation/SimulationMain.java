package io.switchboard.systemtests.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Unusable;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs seeds of the simulation and judges them; shows one of them step by step.
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description =
                "Seeded runs of the production lanes, edge delivery and SDK rules on virtual time. The same seed does the same. Exit code 1 when a promise was broken.")
public final class SimulationMain implements Callable<Integer> {
    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The first seed (${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seeds N, N+1, … (${DEFAULT-VALUE}).")
    private long runs = 1;

    @Option(
            names = "--within",
            paramLabel = "DURATION",
            defaultValue = "PT1H",
            description = "No seed begins later (${DEFAULT-VALUE}).")
    private Duration within = Duration.ofHours(1);

    @Option(names = "--trace", description = "What happens in it, step by step; for one seed.")
    private boolean trace;

    public SimulationMain() {}

    public static void main(String[] args) {
        Cli.main(new SimulationMain(), args);
    }

    @Override
    public Integer call() {
        if (runs < 1) {
            throw new Unusable("--runs: %d (expected: ≥ 1)".formatted(runs));
        }
        if (trace && runs > 1) {
            throw new Unusable("--trace: beside --runs %d (expected: one seed)".formatted(runs));
        }
        silence();
        return runs == 1 ? show() : judgeAll();
    }

    private int show() {
        var outcome = Simulation.run(seed, Defect.NONE, trace);
        outcome.trace().forEach(System.out::println);
        System.out.println(outcome);
        return outcome.ok() ? Cli.DONE : Cli.FAILED;
    }

    private int judgeAll() {
        var judged = new AtomicInteger();
        var failed = new AtomicInteger();
        long began = System.nanoTime();
        LongStream.range(seed, seed + runs)
                .parallel()
                .filter(_ -> System.nanoTime() - began < within.toNanos())
                .mapToObj(each -> Simulation.run(each, Defect.NONE, false))
                .peek(_ -> judged.incrementAndGet())
                .filter(outcome -> !outcome.ok())
                .forEach(
                        outcome -> {
                            failed.incrementAndGet();
                            System.out.println(outcome);
                        });
        System.out.printf(
                "%d seeds in %.1f s, %d failed%n",
                judged.get(), (System.nanoTime() - began) / 1e9, failed.get());
        return failed.get() == 0 ? Cli.DONE : Cli.FAILED;
    }

    /// What processes log of a simulated fault is of no interest.
    static void silence() {
        for (var name : new String[] {"io.switchboard.dispatcher", "io.switchboard.edge"}) {
            ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.OFF);
        }
    }
}
