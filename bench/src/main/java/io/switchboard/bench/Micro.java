package io.switchboard.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Single pieces of code by JMH: codecs, and a hint's way through an edge. Time is the thread's
/// own; bytes are what it allocates.
final class Micro implements Case {
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final int WARM_UPS = 5;

    @Override
    public String name() {
        return "micro";
    }

    @Override
    public String what() {
        return "codecs, and a hint's way through an edge, by JMH: nanoseconds and bytes allocated";
    }

    @Override
    public boolean run(Options options, Result result) throws RunnerException {
        var jmh =
                new OptionsBuilder()
                        .mode(Mode.AverageTime)
                        .timeUnit(TimeUnit.NANOSECONDS)
                        .warmupIterations(WARM_UPS)
                        .warmupTime(TimeValue.milliseconds(options.warmUp().toMillis() / WARM_UPS))
                        .measurementIterations(options.runs())
                        .measurementTime(TimeValue.milliseconds(options.length().toMillis()))
                        .forks(1);
        var table = new ArrayList<List<String>>();
        table.add(List.of("one call", "ns", "±", "bytes"));
        for (var each : run(jmh)) {
            var time = each.getPrimaryResult();
            double bytes =
                    Objects.requireNonNull(each.getSecondaryResults().get(ALLOCATED)).getScore();
            var name = name(each);
            result.add(
                    result.row()
                            .put("call", name)
                            .put("ns", Figures.round(time.getScore()))
                            .put("bytes", Math.round(bytes)));
            table.add(
                    List.of(
                            name,
                            Figures.number(time.getScore()),
                            Figures.number(time.getStatistics().getStandardDeviation()),
                            "%,.0f".formatted(bytes)));
        }
        result.table(table);
        return true;
    }

    /// Every benchmark of this module.
    static Collection<RunResult> run(ChainedOptionsBuilder jmh) throws RunnerException {
        return new Runner(
                        jmh.addProfiler(GCProfiler.class)
                                .shouldFailOnError(true)
                                .verbosity(VerboseMode.SILENT)
                                .build())
                .run();
    }

    /// As in `deliver connections=5000`.
    private static String name(RunResult run) {
        var params = run.getParams();
        var name = new StringBuilder();
        var parts = params.getBenchmark().split("\\.", -1);
        name.append(parts[parts.length - 1]);
        for (var key : params.getParamsKeys()) {
            name.append(' ').append(key).append('=').append(params.getParam(key));
        }
        return name.toString();
    }
}
