package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/// What an event costs the system in several shapes, one after the other: while nothing happens, at
/// a steady rate, and while more comes than it takes. Two cores carry all of it, so that a shape
/// with more processes cannot be faster here; what tells is processor time for each event, JVMs'
/// compilers left out, and how often Kafka and Redis are asked.
///
/// Owned by its case.
final class Costs {
    private static final int STEADY = 2_000;
    private static final int TOO_MUCH = 15_000;

    /// Of each shape, at most.
    private static final Duration WARM_UP = Duration.ofSeconds(30);

    private static final List<String> PARTS = List.of("dispatcher", "redis", "kafka", "edge");

    /// @param stored events of each dispatcher
    /// @param appends of all dispatchers, empty ones too
    private record Told(List<Double> stored, double appends, double hintsDropped) {
        Told since(Told before) {
            var more = new ArrayList<Double>();
            for (int i = 0; i < stored.size(); i++) {
                more.add(stored.get(i) - before.stored.get(i));
            }
            return new Told(more, appends - before.appends, hintsDropped - before.hintsDropped);
        }
    }

    /// One stretch.
    private record Cost(Stack.Run run, Told told, Asked.Counts asked) {
        double events() {
            return run.sent().sent();
        }

        /// Until the last one was there.
        double perSecond() {
            return events() / run.paid().seconds();
        }

        double micros(String part) {
            return run.paid().working(part) * 1e6 / events();
        }

        double recordsAnAppend() {
            return events() / told.appends;
        }

        double callsAnEvent() {
            return asked.allCalls() / events();
        }

        double kafkaAnEvent() {
            return asked.allOfKafka() / events();
        }

        double hintsABatch() {
            return events() / asked.hintBatches();
        }
    }

    private final Options options;
    private final Result result;
    private final int steady;
    private final int tooMuch;
    private final List<List<String>> idle = new ArrayList<>();
    private final List<List<String>> atSteady = new ArrayList<>();
    private final List<List<String>> beyond = new ArrayList<>();

    Costs(Options options, Result result) {
        this.options = options;
        this.result = result;
        var rates = options.ratesOr(STEADY, TOO_MUCH);
        steady = rates.getFirst();
        tooMuch = rates.getLast();
        idle.add(
                List.of(
                        "idle: % of a core",
                        "dispatchers",
                        "Redis",
                        "Kafka",
                        "edges",
                        "Redis calls/s",
                        "Kafka requests/s",
                        "MB of heap a dispatcher"));
        atSteady.add(head("µs an event at %,d/s".formatted(steady)));
        beyond.add(head("µs an event, %,d/s offered".formatted(tooMuch)));
    }

    private static List<String> head(String first) {
        return List.of(
                first,
                "dispatchers",
                "Redis",
                "Kafka",
                "edges",
                "events/s",
                "records an append",
                "Redis calls",
                "Kafka requests",
                "hints a batch",
                "p50 ms");
    }

    /// Warms the shape up, and measures it.
    ///
    /// @return whether each event arrived once, in order
    boolean measure(String shape, Rig rig, Stack stack) throws IOException {
        stack.warmUp(rig, steady, options.warmUp(), WARM_UP, result);
        idle(shape, rig);
        var slow = load(shape, "steady", steady, 1, rig, stack);
        atSteady.add(row(shape, List.of(slow)));
        boolean held = slow.run.held();
        var runs = new ArrayList<Cost>();
        for (int number = 1; number <= options.runs(); number++) {
            var run = load(shape, "saturated", tooMuch, number, rig, stack);
            held &= run.run.held();
            runs.add(run);
        }
        beyond.add(row(shape, runs));
        var last = runs.getLast();
        result.say(
                "  %s: %s; of the dispatchers' events %s; of Redis's calls %s"
                        .formatted(
                                shape,
                                held
                                        ? "each event arrived once, in order"
                                        : "NOT each event arrived once, in order",
                                shares(last.told.stored),
                                shares(
                                        last.asked.calls().stream()
                                                .map(Long::doubleValue)
                                                .toList())));
        return held;
    }

    void show() {
        result.say("");
        result.table(idle);
        result.table(atSteady);
        result.table(beyond);
    }

    private void idle(String shape, Rig rig) throws IOException {
        var before = rig.asked().now();
        var toll = Toll.begin(rig);
        Cutting.sleep(options.length());
        var paid = toll.end();
        var asked = rig.asked().now().since(before);
        double calls = asked.allCalls() / paid.seconds();
        double requests = asked.allOfKafka() / paid.seconds();
        double heap =
                dispatchers(rig).stream()
                        .mapToLong(name -> Usage.liveHeapBytes(rig.process(name).pid()))
                        .average()
                        .orElse(0);
        var line = new ArrayList<>(List.of(shape));
        PARTS.forEach(
                part -> line.add("%.1f".formatted(paid.working(part) / paid.seconds() * 100)));
        line.add("%,.0f".formatted(calls));
        line.add("%,.0f".formatted(requests));
        line.add("%.1f".formatted(heap / (1 << 20)));
        idle.add(line);
        result.add(
                paid.into(
                        result.row()
                                .put("shape", shape)
                                .put("load", "idle")
                                .put("seconds", Figures.round(paid.seconds()))
                                .put("redis_calls_per_s", Figures.round(calls))
                                .put("kafka_requests_per_s", Figures.round(requests))
                                .put("dispatcher_heap_mb", Figures.round(heap / (1 << 20)))));
    }

    private Cost load(String shape, String load, int rate, int number, Rig rig, Stack stack)
            throws IOException {
        var told = told(rig);
        var asked = rig.asked().now();
        var run = stack.measure(rig, rate, options.length());
        var cost = new Cost(run, told(rig).since(told), rig.asked().now().since(asked));
        var row = result.row().put("shape", shape).put("load", load).put("run", number);
        result.add(run.paid().into(fill(row, cost)));
        return cost;
    }

    private static ObjectNode fill(ObjectNode row, Cost cost) {
        row.put("rate", cost.run.rate())
                .put("sent", cost.run.sent().sent())
                .put("missing", cost.run.missing())
                .put("repeated", cost.run.repeated())
                .put("skipped", cost.run.skipped())
                .put("per_s", Math.round(cost.perSecond()))
                .put("p50_ms", Figures.round(cost.run.p50()))
                .put("p99_ms", Figures.round(cost.run.p99()));
        PARTS.forEach(part -> row.put(part + "_us", Figures.round(cost.micros(part))));
        row.put("records_an_append", Figures.round(cost.recordsAnAppend()))
                .put("redis_calls_an_event", Figures.round(cost.callsAnEvent()))
                .put("redis_reads_an_event", Figures.round(cost.asked.reads() / cost.events()))
                .put("kafka_requests_an_event", Figures.round(cost.kafkaAnEvent()))
                .put("kafka_produces", cost.asked.ofKafka("Produce"))
                .put("kafka_fetches", cost.asked.ofKafka("Fetch"))
                .put("hint_batches", cost.asked.hintBatches())
                .put("hints_dropped", Math.round(cost.told.hintsDropped));
        var stored = row.putArray("stored_by_each_dispatcher");
        cost.told.stored.forEach(each -> stored.add(Math.round(each)));
        var calls = row.putArray("calls_of_each_redis");
        cost.asked.calls().forEach(calls::add);
        return row;
    }

    private static List<String> row(String shape, List<Cost> runs) {
        var line = new ArrayList<>(List.of(shape));
        PARTS.forEach(part -> line.add("%.0f".formatted(median(runs, it -> it.micros(part)))));
        line.add("%,.0f".formatted(median(runs, Cost::perSecond)));
        line.add(Figures.number(median(runs, Cost::recordsAnAppend)));
        line.add(Figures.number(median(runs, Cost::callsAnEvent)));
        line.add(Figures.number(median(runs, Cost::kafkaAnEvent)));
        line.add(Figures.number(median(runs, Cost::hintsABatch)));
        line.add(Figures.number(median(runs, it -> it.run.p50())));
        return line;
    }

    private static double median(List<Cost> runs, ToDoubleFunction<Cost> figure) {
        return Stack.median(runs.stream().map(figure::applyAsDouble).toList());
    }

    private static String shares(List<Double> of) {
        double all = of.stream().mapToDouble(Double::doubleValue).sum();
        return of.stream()
                .map(each -> "%.1f %%".formatted(each * 100 / all))
                .collect(Collectors.joining(", "));
    }

    private static List<String> dispatchers(Rig rig) {
        return rig.processes().keySet().stream()
                .filter(each -> each.startsWith("dispatcher"))
                .toList();
    }

    private static Told told(Rig rig) {
        var stored = new ArrayList<Double>();
        double appends = 0;
        double dropped = 0;
        for (var name : dispatchers(rig)) {
            var scrape = Scrape.of(rig, name);
            stored.add(scrape.value("events_stored_total"));
            appends += scrape.value("appends_total");
            dropped += scrape.value("hints_dropped_total");
        }
        return new Told(stored, appends, dropped);
    }
}
