package io.switchboard.systemtests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// What one process says of itself at `/metrics`.
///
/// Immutable.
public record Metrics(String page) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    public static Metrics of(Node node) {
        var url = URI.create("http://127.0.0.1:%d/metrics".formatted(node.adminPort()));
        try (var client = HttpClient.newHttpClient()) {
            return new Metrics(
                    client.send(
                                    HttpRequest.newBuilder(url).timeout(PATIENCE).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body());
        } catch (IOException e) {
            throw new UncheckedIOException(url + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for metrics", e);
        }
    }

    /// The sum of all lines whose name contains this.
    public double value(String name) {
        return page.lines()
                .filter(line -> !line.startsWith("#"))
                .filter(line -> line.split("[ {]", 2)[0].contains(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
