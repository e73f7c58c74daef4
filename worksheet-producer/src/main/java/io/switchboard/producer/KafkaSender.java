package io.switchboard.producer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Problem;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Straight into Kafka, by the library.
///
/// *Used by one thread.*
final class KafkaSender implements Sender {
    private static final Duration STORED = Duration.ofSeconds(30);

    private final String kafka;
    private final String topic;
    private final @Nullable String app;
    private final Map<String, Worksheets> byToken = new HashMap<>();
    private @Nullable Sent last;

    KafkaSender(String kafka, String topic, @Nullable String app) {
        this.kafka = kafka;
        this.topic = topic;
        this.app = app;
    }

    @Override
    public List<String> send(ObjectNode envelope) throws InterruptedException {
        var parsed = Envelope.parse(Json.bytes(envelope));
        if (parsed.envelope() == null || !parsed.problems().isEmpty()) {
            throw new Failure(
                    parsed.problems().stream()
                            .map(Problem::message)
                            .collect(Collectors.joining("; ")));
        }
        var token = Objects.requireNonNullElse(parsed.envelope().chatToken(), "");
        var events =
                parsed.envelope().targets().stream()
                        .map(
                                each ->
                                        new Outgoing(
                                                each.to(),
                                                each.payload(),
                                                each.id(),
                                                each.ttl(),
                                                each.deliverAt()))
                        .toList();
        last = byToken.computeIfAbsent(token, this::open).send(parsed.envelope().url(), events);
        return await(last.ids(), STORED, "in Kafka");
    }

    @Override
    public void awaitAcknowledged(List<String> ids, Duration patience) throws InterruptedException {
        await(Objects.requireNonNull(last).acknowledged(), patience, "acknowledged");
    }

    @Override
    public void close() {
        byToken.values().forEach(Worksheets::close);
    }

    private Worksheets open(String token) {
        var builder =
                Worksheets.builder()
                        .kafka(kafka)
                        .topic(topic)
                        .clientId("switchboard-send")
                        .chatToken(token);
        return (app == null ? builder : builder.app(app)).open();
    }

    private static <T> T await(CompletableFuture<T> future, Duration patience, String what)
            throws InterruptedException {
        try {
            return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Failure("not %s within %d s".formatted(what, patience.toSeconds()), e);
        } catch (ExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            throw new Failure("not %s: %s".formatted(what, cause.getMessage()), e);
        }
    }
}
