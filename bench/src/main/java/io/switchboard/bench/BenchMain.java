package io.switchboard.bench;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Unusable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `./switchboard bench NAME`.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description =
                "Measures the system under load, beside baselines in the same run. --list names the cases.")
public final class BenchMain implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "The case.")
    private @Nullable String name;

    @Option(names = "--list", description = "Says which cases there are.")
    private boolean list;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Option(
            names = "--rates",
            split = ",",
            paramLabel = "N",
            description = "Events a second (what the case says by itself).")
    private @Nullable List<Integer> rates;

    @Option(
            names = "--agents",
            split = ",",
            paramLabel = "N",
            description = "Browsers (what the case says by itself).")
    private @Nullable List<Integer> agents;

    @Option(
            names = "--seconds",
            defaultValue = "5",
            description = "Length of a run (${DEFAULT-VALUE}).")
    private int seconds = 5;

    @Option(names = "--runs", defaultValue = "3", description = "Runs of each (${DEFAULT-VALUE}).")
    private int runs = 3;

    @Option(
            names = "--warm-up",
            defaultValue = "10",
            description =
                    "Seconds at least that do not count, until compilers are quiet (${DEFAULT-VALUE}).")
    private int warmUp = 10;

    @Option(
            names = "--beside",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Baselines: floor (two Kafka hops), one-hop, socketio (what the case says by itself).")
    private @Nullable List<String> beside;

    @Option(
            names = "--receipts",
            defaultValue = "failures",
            description = "The route's level: none, failures, all (${DEFAULT-VALUE}).")
    private String receipts = "failures";

    @Option(
            names = "--jvm",
            split = " ",
            paramLabel = "FLAGS",
            description = "More JVM flags of the system's processes and of the baselines'.")
    private List<String> jvm = List.of();

    @Option(
            names = "--save",
            paramLabel = "NAME",
            description = "Keeps the result as bench/results/NAME.json and NAME.txt.")
    private @Nullable String save;

    private BenchMain() {}

    public static void main(String... args) {
        Cli.main(new BenchMain(), args);
    }

    @Override
    public Integer call() throws Exception {
        if (list) {
            Cases.ALL.forEach(each -> System.out.printf("%-11s %s%n", each.name(), each.what()));
            return Cli.DONE;
        }
        var chosen =
                Cases.ALL.stream()
                        .filter(each -> each.name().equals(name))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new Unusable(
                                                "%s (expected: one of %s)"
                                                        .formatted(
                                                                name == null
                                                                        ? "no case"
                                                                        : "case '" + name + "'",
                                                                Cases.ALL.stream()
                                                                        .map(Case::name)
                                                                        .collect(
                                                                                Collectors.joining(
                                                                                        ", ")))));
        var flags = new ArrayList<>(Rig.Plan.DEFAULT.jvm());
        flags.addAll(jvm);
        var options =
                new Options(
                        rates,
                        agents,
                        Duration.ofSeconds(seconds),
                        runs,
                        Duration.ofSeconds(warmUp),
                        beside,
                        new Rig.Plan(
                                Rig.Plan.DEFAULT.lanes(),
                                Rig.Plan.DEFAULT.redisNodes(),
                                receipts,
                                flags));
        var result = new Result(chosen.name(), json, System.out);
        boolean held = chosen.run(options, result);
        if (save != null) {
            result.save(save);
        }
        return held ? Cli.DONE : Cli.FAILED;
    }
}
