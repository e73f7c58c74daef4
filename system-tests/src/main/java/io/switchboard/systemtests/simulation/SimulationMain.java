package io.switchboard.systemtests.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.slf4j.LoggerFactory;

/// Many seeds: `<first> <count>`. One seed, step by step: `trace <seed>`.
///
/// Exit code 1 when one fails.
public final class SimulationMain {
    private SimulationMain() {}

    public static void main(String[] args) {
        silence();
        if (args[0].equals("trace")) {
            var outcome = Simulation.run(Long.parseLong(args[1]), Defect.NONE, true);
            outcome.trace().forEach(System.out::println);
            System.out.println(outcome);
            System.exit(outcome.ok() ? 0 : 1);
        }
        long first = Long.parseLong(args[0]);
        long count = Long.parseLong(args[1]);
        var failed = new AtomicInteger();
        long began = System.nanoTime();
        LongStream.range(first, first + count)
                .parallel()
                .mapToObj(seed -> Simulation.run(seed, Defect.NONE, false))
                .filter(outcome -> !outcome.ok())
                .forEach(
                        outcome -> {
                            failed.incrementAndGet();
                            System.out.println(outcome);
                        });
        System.out.printf(
                "%d seeds in %.1f s, %d failed%n",
                count, (System.nanoTime() - began) / 1e9, failed.get());
        System.exit(failed.get() == 0 ? 0 : 1);
    }

    /// What processes log of a simulated fault is of no interest.
    static void silence() {
        for (var name : new String[] {"io.switchboard.dispatcher", "io.switchboard.edge"}) {
            ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.OFF);
        }
    }
}
