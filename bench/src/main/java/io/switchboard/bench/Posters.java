package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.bench.far.Stamp;
import io.switchboard.schemas.Address;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Upstream systems at the front door: each posts events for an agent of its own, one after the
/// other, as soon as it is answered. After a 503 it waits as long as that says.
///
/// What is answered 202 must arrive, and what is refused as `overloaded` must not: the next event
/// then has the number of the refused one, so that a browser that gets both counts a repetition.
/// Where the answer leaves it open, the same request is repeated with the same key until it is 202.
///
/// Owned by its case.
final class Posters implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ONCE_AT_A_TIME = 50;
    private static final String OVERLOADED = "urn:switchboard:problem:overloaded";

    /// @param accepted events that were answered 202
    /// @param refused requests that were answered 503, nothing of them being sent
    /// @param open requests whose answer, or the lack of one, left open whether they were stored
    /// @param failed posters that gave up: another answer than 202 and 503, or none in time
    record Told(long accepted, long refused, long open, long failed) {}

    private final URI door;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(PATIENCE)
                    .executor(threads)
                    .build();
    private final List<Poster> posters = new ArrayList<>();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder open = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile long untilNanos;

    /// @param first number of the first one's agent
    Posters(int port, int first, int count) {
        door = URI.create("http://127.0.0.1:%d%s".formatted(port, Rig.URL));
        for (int i = 0; i < count; i++) {
            posters.add(new Poster(first + i));
        }
    }

    /// All of them at once, for so long.
    CompletableFuture<Told> flood(Duration length) {
        untilNanos = System.nanoTime() + length.toNanos();
        return all(Poster::flood);
    }

    /// One event of each, a few at a time: what a front door must take that has time again.
    Told once() {
        var places = new Semaphore(ONCE_AT_A_TIME);
        return all(each -> {
                    places.acquire();
                    try {
                        each.post();
                    } finally {
                        places.release();
                    }
                })
                .join();
    }

    private interface Work {
        void run(Poster poster) throws InterruptedException;
    }

    private CompletableFuture<Told> all(Work work) {
        var before = told();
        var running = new ArrayList<CompletableFuture<Void>>();
        for (var each : posters) {
            running.add(CompletableFuture.runAsync(() -> run(work, each), threads));
        }
        return CompletableFuture.allOf(running.toArray(CompletableFuture[]::new))
                .thenApply(
                        _ -> {
                            var now = told();
                            return new Told(
                                    now.accepted - before.accepted,
                                    now.refused - before.refused,
                                    now.open - before.open,
                                    now.failed - before.failed);
                        });
    }

    private static void run(Work work, Poster poster) {
        try {
            work.run(poster);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Told told() {
        return new Told(accepted.sum(), refused.sum(), open.sum(), failed.sum());
    }

    @Override
    public void close() {
        http.shutdownNow();
        threads.shutdownNow();
    }

    private final class Poster {
        private final int agent;
        private final byte[] envelope;
        private final int stamp;
        private long number;

        Poster(int agent) {
            this.agent = agent;
            var text = Events.envelope(new Address.Agent(Rig.APP, Integer.toString(agent)));
            this.envelope = text.getBytes(UTF_8);
            this.stamp = Stamp.offsetIn(text);
        }

        void flood() throws InterruptedException {
            boolean goesOn = true;
            while (goesOn && System.nanoTime() < untilNanos) {
                goesOn = post();
            }
        }

        /// @return false: it gives up
        boolean post() throws InterruptedException {
            Stamp.write(envelope, stamp, System.nanoTime(), number + 1);
            var request =
                    HttpRequest.newBuilder(door)
                            .timeout(PATIENCE)
                            .header("Content-Type", "application/json")
                            .header("Idempotency-Key", agent + "-" + (number + 1))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(envelope))
                            .build();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < deadline) {
                var response = ask(request);
                int status = response == null ? 0 : response.statusCode();
                if (status == 202) {
                    number++;
                    accepted.increment();
                    return true;
                }
                if (response != null && status == 503 && response.body().contains(OVERLOADED)) {
                    refused.increment();
                    Thread.sleep(wait(response));
                    return true;
                }
                if (response != null && status != 503) {
                    System.err.println("The front door: " + status + " " + response.body());
                    break;
                }
                open.increment();
                Thread.sleep(wait(response));
            }
            failed.increment();
            return false;
        }

        private @Nullable HttpResponse<String> ask(HttpRequest request)
                throws InterruptedException {
            try {
                return http.send(request, HttpResponse.BodyHandlers.ofString());
            } catch (IOException _) {
                return null;
            }
        }

        private static Duration wait(@Nullable HttpResponse<String> response) {
            return Duration.ofSeconds(
                    response == null
                            ? 1
                            : response.headers().firstValueAsLong("Retry-After").orElse(1));
        }
    }
}
