package io.switchboard.quickstart;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.RoundingMode;

/// What `demo` shows: a story for people, and its last line for machines.
///
/// Thread-safe.
final class DemoScreen {
    private final PrintStream out;
    private final boolean json;
    private final long begun;

    DemoScreen(PrintStream out, boolean json, long begun) {
        this.out = out;
        this.json = json;
        this.begun = begun;
    }

    void onStarting() {
        say("Two edges, an agent on each, everything a process of its own, on free ports.");
        say("");
    }

    void onReady(Part part) {
        say(
                "  %-14s ready after %4.1f s"
                        .formatted(part.name(), (System.nanoTime() - begun) / 1e9));
    }

    void onWarmUp() {
        say("");
        say(
                "Warming up: %d worksheets that do not count; fresh JVMs are slow."
                        .formatted(Demo.WARM_UP));
    }

    void onMeasuring() {
        say(
                "Measuring: %d worksheets, %d a second, by HTTP to the front door."
                        .formatted(Demo.MEASURED, Demo.PER_SECOND));
    }

    void onMeasured(Demo.Hops hops) {
        say("");
        say("  %-28s %8s %9s".formatted("", "p50", "p99"));
        row("POST → record in Kafka *", hops.toKafka());
        row("POST → 202 with its id", hops.accepted());
        row("Kafka → agent's frame *", hops.toAgent());
        row("POST → agent's frame", hops.total());
        say("  * by Kafka's own timestamp, which is in whole milliseconds");
        say("");
    }

    void onKilling() {
        say("kill -9 of edge-1 while worksheets go on:");
        say("");
    }

    void onKilled(Demo.Outcome outcome) {
        if (outcome.resumedMillis().isPresent()) {
            say(
                    "  its agent had the next event from edge-2 after %,d ms"
                            .formatted(outcome.resumedMillis().getAsLong()));
        } else {
            say("  its agent got nothing from edge-2");
        }
        say(
                "  %,d events in all: %d lost, %d doubled, %d out of order"
                        .formatted(
                                outcome.events(),
                                outcome.tally().lost(),
                                outcome.tally().duplicated(),
                                outcome.tally().reordered()));
        say("");
    }

    void onVerdict(Demo.Outcome outcome, boolean held) {
        say(held ? "✓ It held." : "✗ It did not hold.");
        say("");
        out.println(line(outcome));
        out.flush();
    }

    static String line(Demo.Outcome outcome) {
        var line =
                Json.object()
                        .put("p50_ms", rounded(outcome.hops().total().p50Millis()))
                        .put("p99_ms", rounded(outcome.hops().total().p99Millis()))
                        .put("events", outcome.events())
                        .put("lost", outcome.tally().lost())
                        .put("duplicated", outcome.tally().duplicated())
                        .put("reordered", outcome.tally().reordered());
        outcome.resumedMillis()
                .ifPresentOrElse(
                        millis -> line.put("resumed_ms", millis), () -> line.putNull("resumed_ms"));
        var hops = line.putObject("hops");
        put(hops.putObject("post_to_kafka"), outcome.hops().toKafka());
        put(hops.putObject("post_to_202"), outcome.hops().accepted());
        put(hops.putObject("kafka_to_frame"), outcome.hops().toAgent());
        return line.toString();
    }

    private static void put(ObjectNode to, Tally.Times times) {
        to.put("p50_ms", rounded(times.p50Millis())).put("p99_ms", rounded(times.p99Millis()));
    }

    private static BigDecimal rounded(double millis) {
        return BigDecimal.valueOf(millis).setScale(1, RoundingMode.HALF_UP);
    }

    private void row(String name, Tally.Times times) {
        say("  %-28s %5.1f ms %6.1f ms".formatted(name, times.p50Millis(), times.p99Millis()));
    }

    private void say(String line) {
        if (!json) {
            out.println(line);
            out.flush();
        }
    }
}
