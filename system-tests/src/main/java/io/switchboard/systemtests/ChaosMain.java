package io.switchboard.systemtests;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Unusable;
import io.switchboard.systemtests.chaos.ChaosRun;
import io.switchboard.systemtests.chaos.ChaosSystem;
import io.switchboard.systemtests.chaos.Strike;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Breaks real processes by a seed and judges what browsers saw.
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description =
                "Seeded fault runs on real processes: Kafka, Redis, two dispatchers, three edge nodes, a front door, a crowd of browsers. Exit code 1 when a promise was broken.")
public final class ChaosMain implements Callable<Integer> {
    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The first run's seed (${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "1",
            description = "Runs, with seeds N, N+1, … (${DEFAULT-VALUE}).")
    private int runs = 1;

    @Option(
            names = "--browsers",
            paramLabel = "N",
            defaultValue = "120",
            description = "Browsers (${DEFAULT-VALUE}).")
    private int browsers = 120;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "75",
            description =
                    "How long a run is struck; it then heals and is judged (${DEFAULT-VALUE}).")
    private int seconds = 75;

    @Option(
            names = "--faults",
            paramLabel = "NAME",
            split = ",",
            description = "Only these; see --list-faults.")
    private List<String> faults = new ArrayList<>();

    @Option(names = "--list-faults", description = "Names the faults and ends.")
    private boolean listFaults;

    @Option(names = "--json", description = "One JSON object a run.")
    private boolean json;

    @Option(
            names = "--logs",
            paramLabel = "DIR",
            defaultValue = "target/chaos-logs",
            description = "For one log per process (${DEFAULT-VALUE}).")
    private Path logs = Path.of("target", "chaos-logs");

    public ChaosMain() {}

    public static void main(String[] args) {
        Cli.main(new ChaosMain(), args);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (listFaults) {
            for (var strike : Strike.values()) {
                System.out.println(nameOf(strike));
            }
            return Cli.DONE;
        }
        check("--runs", runs);
        check("--browsers", browsers);
        check("--seconds", seconds);
        var strikes = strikes();
        boolean ok = true;
        try (var system = ChaosSystem.start(logs)) {
            for (long each = seed; each < seed + runs; each++) {
                var plan = new ChaosRun.Plan(each, browsers, seconds, strikes);
                var outcome = ChaosRun.play(plan, system);
                System.out.println(json ? line(outcome) : text(outcome));
                ok &= outcome.ok();
            }
        }
        return ok ? Cli.DONE : Cli.FAILED;
    }

    private static void check(String flag, int value) {
        if (value < 1) {
            throw new Unusable("%s: %d (expected: ≥ 1)".formatted(flag, value));
        }
    }

    private List<Strike> strikes() {
        if (faults.isEmpty()) {
            return List.of(Strike.values());
        }
        var strikes = new ArrayList<Strike>();
        for (var name : faults) {
            strikes.add(
                    List.of(Strike.values()).stream()
                            .filter(strike -> nameOf(strike).equals(name))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new Unusable(
                                                    "--faults: '%s' (expected: names of --list-faults)"
                                                            .formatted(name))));
        }
        return strikes;
    }

    private static String nameOf(Strike strike) {
        return strike.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String line(ChaosRun.Outcome outcome) {
        var node = outcome.verdict().toJson();
        node.put("seed", outcome.plan().seed()).put("seconds", outcome.seconds());
        node.put("ok", outcome.ok());
        var complaints = node.putArray("complaints");
        outcome.complaints().forEach(complaints::add);
        return node.toString();
    }

    private static String text(ChaosRun.Outcome outcome) {
        var figures = outcome.verdict().figures();
        var text = new StringBuilder();
        text.append(
                "seed %d: %s; %d events to %d pages, %d handled, %d strikes, %d s"
                        .formatted(
                                outcome.plan().seed(),
                                outcome.ok() ? "every promise kept" : "BROKEN",
                                figures.promised(),
                                figures.pages(),
                                figures.handled(),
                                outcome.verdict().faults().values().stream()
                                        .mapToInt(Integer::intValue)
                                        .sum(),
                                outcome.seconds()));
        outcome.verdict().findings().forEach(finding -> text.append("\n  ").append(finding));
        outcome.complaints().forEach(complaint -> text.append("\n  ").append(complaint));
        return text.toString();
    }
}
