package io.switchboard.producer;

import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.ReceiptLevel;
import io.switchboard.schemas.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.header.Headers;

/// What the tests of this package share.
final class Fixture {
    static final String URL = "/worksheet/send-message";
    static final String TOKEN = "sdfd3sdfsd3324cx";
    static final String UUID = "badf677b-23df-2a5b-23ds-81d18g23ec69";
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    static final Proof PROOF = new Proof(List.of(new byte[32]));

    /// The worked example's own.
    static final String SEED =
            """
            {"url":"/worksheet/send-message","chat_token":"sdfd3sdfsd3324cx",
             "data":[{"uuid":"badf677b-23df-2a5b-23ds-81d18g23ec69","data":{"type":"new_worksheet_to_deal","infos":"你有一条新工单待处理"}}]}
            """;

    private Fixture() {}

    static Apps apps() {
        return new Apps(
                Map.of(
                        "helpdesk", app("helpdesk", Apps.Status.ACTIVE, TOKEN),
                        "other", app("other", Apps.Status.ACTIVE, "other-token"),
                        "shut", app("shut", Apps.Status.BLOCKED, "shut-token")),
                Map.of(
                        URL,
                        new Apps.Route(
                                URL,
                                "WorksheetMsg",
                                Duration.ofHours(72),
                                ReceiptLevel.ALL,
                                1000,
                                1 << 20,
                                null)));
    }

    /// A Kafka whose topic `e` has 8 partitions.
    static Cluster cluster() {
        var node = new Node(0, "h", 1);
        return new Cluster(
                "c",
                List.of(node),
                IntStream.range(0, 8)
                        .mapToObj(n -> new PartitionInfo("e", n, node, null, null))
                        .toList(),
                Set.of(),
                Set.of());
    }

    private static Apps.App app(String name, Apps.Status status, String token) {
        return new Apps.App(
                name,
                status,
                Set.of("agent", "boss"),
                List.of(Apps.sha256(token)),
                Map.of(),
                null,
                Set.of());
    }

    /// Remembers what was appended; answers as it is told, by default with offsets from 0.
    static final class FakeSink implements EventsSink {
        final List<Appended> appended = new ArrayList<>();
        IntFunction<CompletableFuture<Position>> answer =
                n -> CompletableFuture.completedFuture(new Position("Tag123", 3, n));

        record Appended(String app, String url, Target target, Headers trace) {}

        @Override
        public synchronized CompletableFuture<Position> append(
                String app, String url, Target target, Headers trace) {
            appended.add(new Appended(app, url, target, trace));
            return answer.apply(appended.size() - 1);
        }
    }
}
