package io.switchboard.systemtests;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Json;
import io.switchboard.systemtests.chaos.ByChance;
import io.switchboard.systemtests.chaos.ChaosRun;
import io.switchboard.systemtests.chaos.ChaosSystem;
import io.switchboard.systemtests.chaos.Strike;
import io.switchboard.systemtests.harness.OlderRelease;
import io.switchboard.systemtests.harness.Release;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
            defaultValue = "85",
            description =
                    "How long a run is struck; it then heals and is judged (${DEFAULT-VALUE}).")
    private int seconds = 85;

    @Option(
            names = "--faults",
            paramLabel = "NAME",
            split = ",",
            description = "Only these; see --list-faults.")
    private List<String> faults = new ArrayList<>();

    @Option(
            names = "--upgrade-from",
            paramLabel = "COMMIT",
            description =
                    "Begins with processes of this older commit; process-replaced puts one of either in the place of another. '"
                            + OlderRelease.LAST
                            + "': the newest tag.")
    private @Nullable String upgradeFrom;

    @Option(names = "--list-faults", description = "Names the faults and ends.")
    private boolean listFaults;

    @Option(names = "--json", description = "One JSON object a run, and one for several.")
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
        var sum = new Sum(strikes);
        try (var system = ChaosSystem.start(logs, releases())) {
            for (long each = seed; each < seed + runs; each++) {
                var plan = new ChaosRun.Plan(each, browsers, new ByChance(seconds, strikes));
                var outcome = ChaosRun.play(plan, system);
                System.out.println(json ? line(outcome) : text(outcome));
                sum.add(outcome);
            }
        }
        if (runs > 1) {
            System.out.println(json ? sum.line() : sum.text());
        }
        return sum.ok() ? Cli.DONE : Cli.FAILED;
    }

    private List<Release> releases() {
        if (upgradeFrom == null) {
            return List.of(Release.current());
        }
        try {
            return List.of(OlderRelease.of(upgradeFrom), Release.current());
        } catch (OlderRelease.NotHere e) {
            throw new Unusable("--upgrade-from: " + e.getMessage());
        }
    }

    /// Over all runs. Several runs in which some fault never struck have not shown what they were
    /// asked to show.
    private static final class Sum {
        private final List<String> strikes;
        private final Map<String, Integer> struck = new TreeMap<>();
        private final Map<String, Integer> broken = new LinkedHashMap<>();
        private int runs;
        private int events;
        private boolean kept = true;

        Sum(List<Strike> strikes) {
            this.strikes = strikes.stream().map(ChaosMain::nameOf).toList();
            this.strikes.forEach(strike -> struck.put(strike, 0));
        }

        void add(ChaosRun.Outcome outcome) {
            runs++;
            kept &= outcome.ok();
            events += outcome.verdict().figures().promised();
            outcome.verdict()
                    .faults()
                    .forEach((fault, count) -> struck.merge(named(fault), count, Integer::sum));
            for (var kind : Verdict.Kind.values()) {
                broken.merge(
                        kind.name().toLowerCase(Locale.ROOT),
                        outcome.verdict().count(kind),
                        Integer::sum);
            }
        }

        private List<String> never() {
            return strikes.stream().filter(it -> struck.getOrDefault(it, 0) == 0).toList();
        }

        boolean ok() {
            return kept && (runs == 1 || never().isEmpty());
        }

        String line() {
            var node = Json.object().put("runs", runs).put("ok", ok()).put("promised", events);
            broken.forEach(node::put);
            var counts = node.putObject("faults");
            struck.forEach(counts::put);
            never().forEach(node.putArray("never_struck")::add);
            return node.toString();
        }

        String text() {
            var text =
                    new StringBuilder(
                            "%d runs, %d events: %s. Strikes:"
                                    .formatted(
                                            runs, events, kept ? "every promise kept" : "BROKEN"));
            struck.forEach((strike, count) -> text.append(" %s %d,".formatted(strike, count)));
            text.setCharAt(text.length() - 1, '.');
            never().forEach(strike -> text.append("\n  never struck: ").append(strike));
            return text.toString();
        }
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
        return named(strike.word());
    }

    /// A fault as flags and sums have it.
    private static String named(String fault) {
        return fault.replace(' ', '-');
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
