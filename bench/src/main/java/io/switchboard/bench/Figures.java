package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// Runs of several stacks, the system's last, as JSON and as a table.
final class Figures {
    private Figures() {}

    /// The system's own figures, the baselines' beside them, and the ratios.
    static ObjectNode fill(ObjectNode row, List<Stack.Run> run) {
        var ours = run.getLast();
        row.put("p50_ms", round(ours.p50()))
                .put("p90_ms", round(ours.p90()))
                .put("p99_ms", round(ours.p99()))
                .put("p999_ms", round(ours.p999()))
                .put("max_ms", round(ours.max()))
                .put("sent", ours.sent().sent())
                .put("missing", ours.missing())
                .put("repeated", ours.repeated())
                .put("skipped", ours.skipped())
                .put("generator_late_ms", round(ours.lateMillis()));
        for (var each : run.subList(0, run.size() - 1)) {
            var name = each.stack().replace('-', '_');
            row.put(name + "_p50_ms", round(each.p50()))
                    .put(name + "_p99_ms", round(each.p99()))
                    .put(name + "_missing", each.missing())
                    .put("p50_ratio_to_" + name, round(ours.p50() / each.p50()))
                    .put("p99_ratio_to_" + name, round(ours.p99() / each.p99()));
        }
        row.put("warm", run.stream().allMatch(each -> each.paid().isWarm()));
        return ours.paid().into(row);
    }

    static void show(Result result, List<List<Stack.Run>> runs) {
        var table = new ArrayList<List<String>>();
        table.add(
                List.of(
                        "median (min–max) of " + runs.size(),
                        "p50 ms",
                        "p99 ms",
                        "max ms",
                        "ours ÷ it, p50",
                        "ours ÷ it, p99",
                        "missing",
                        "late ms"));
        int last = runs.getFirst().size() - 1;
        for (int i = 0; i <= last; i++) {
            var of = column(runs, i);
            var ours = column(runs, last);
            table.add(
                    List.of(
                            of.getFirst().stack(),
                            spread(of, Stack.Run::p50),
                            spread(of, Stack.Run::p99),
                            number(median(of, Stack.Run::max)),
                            i == last ? "" : number(ratio(ours, of, Stack.Run::p50)),
                            i == last ? "" : number(ratio(ours, of, Stack.Run::p99)),
                            Long.toString(of.stream().mapToLong(Stack.Run::missing).sum()),
                            number(median(of, Stack.Run::lateMillis))));
        }
        result.table(table);
        for (var each : runs.getLast()) {
            result.say("  cores, with %-12s %s".formatted(each.stack(), cores(each)));
        }
        result.say("");
    }

    private static String cores(Stack.Run run) {
        return run.paid().cpu().keySet().stream()
                .filter(part -> run.paid().share(part) >= 0.01)
                .map(part -> part + " " + number(run.paid().share(part)))
                .collect(Collectors.joining(", "));
    }

    private static List<Stack.Run> column(List<List<Stack.Run>> runs, int stack) {
        return runs.stream().map(each -> each.get(stack)).toList();
    }

    /// How many times the baseline's figure ours is: median of the runs' ratios.
    static double ratio(
            List<Stack.Run> ours, List<Stack.Run> theirs, ToDoubleFunction<Stack.Run> figure) {
        var ratios = new ArrayList<Double>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(figure.applyAsDouble(ours.get(i)) / figure.applyAsDouble(theirs.get(i)));
        }
        return Stack.median(ratios);
    }

    private static double median(List<Stack.Run> runs, ToDoubleFunction<Stack.Run> figure) {
        return Stack.median(runs.stream().map(figure::applyAsDouble).toList());
    }

    private static String spread(List<Stack.Run> runs, ToDoubleFunction<Stack.Run> figure) {
        var values = runs.stream().mapToDouble(figure).sorted().toArray();
        return "%s (%s–%s)"
                .formatted(
                        number(median(runs, figure)),
                        number(values[0]),
                        number(values[values.length - 1]));
    }

    static String number(double value) {
        return String.format(
                Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }

    static double round(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }
}
