package io.switchboard.bench;

import io.switchboard.runtime.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// What a process of ours counts, read from its admin port.
///
/// Thread-safe.
final class Scrape {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String process;
    private final URI metrics;

    private Scrape(String process, URI metrics) {
        this.process = process;
        this.metrics = metrics;
    }

    /// Waits until it is ready.
    static Scrape of(Rig rig, String process) {
        int port = rig.readiness(process).path("admin_port").asInt();
        return new Scrape(process, URI.create("http://127.0.0.1:%d/metrics".formatted(port)));
    }

    /// @param name without `switchboard_`
    double value(String name) {
        var begin = "switchboard_" + name + " ";
        return page().lines()
                .filter(line -> line.startsWith(begin))
                .mapToDouble(line -> Double.parseDouble(line.substring(begin.length())))
                .findFirst()
                .orElseThrow(
                        () -> new Failure("%s does not tell %s".formatted(process, begin.strip())));
    }

    private String page() {
        try (var in = metrics.toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Failure("%s: %s cannot be read".formatted(process, metrics), e);
        }
    }

    static void await(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new Failure("not after %d s: %s".formatted(PATIENCE.toSeconds(), what));
            }
            Cutting.sleep(Duration.ofMillis(100));
        }
    }
}
