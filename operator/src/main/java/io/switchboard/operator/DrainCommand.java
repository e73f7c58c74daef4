package io.switchboard.operator;

import io.switchboard.inbox.Leases;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Empties an edge node.
@Command(
        name = "drain",
        mixinStandardHelpOptions = true,
        description =
                "Tells an edge node to send its browsers elsewhere and end; shows how it goes until its lease is given back. Whoever supervises the process decides whether it starts again.")
final class DrainCommand implements Callable<Integer> {
    private static final Duration BETWEEN = Duration.ofMillis(250);

    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private RedisFlags redis = new RedisFlags();
    @Mixin private Print print = new Print();

    @Parameters(paramLabel = "EDGE", description = "As `edges` names it.")
    private String edge = "";

    @Option(
            names = "--within",
            paramLabel = "SPAN",
            defaultValue = "90s",
            description = "Exit code 1 if it takes longer (${DEFAULT-VALUE}); 0s: do not wait.")
    private String within = "90s";

    @Override
    public Integer call() {
        var patience = Moments.parseSpan("--within", within);
        try (var link = new KafkaLink(kafka);
                var shards = new RedisLink(redis);
                var admin = new EdgeAdmin()) {
            var lease = lease(shards);
            if (lease == null) {
                throw new Failure(
                        "edge '%s' holds no lease (expected: one of %s)"
                                .formatted(
                                        edge,
                                        shards.get(shards.leases().all()).stream()
                                                .map(each -> each.edge().id())
                                                .toList()));
            }
            new ControlTopic(link)
                    .give(
                            new ControlCommand.Drain(
                                    edge, lease.edge().incarnation(), Instant.now()));
            print.line("Edge '%s' was told to drain.".formatted(edge));
            return patience.isZero() || watch(lease, patience, shards, admin)
                    ? Cli.DONE
                    : Cli.FAILED;
        }
    }

    private boolean watch(
            Leases.Lease before, Duration patience, RedisLink shards, EdgeAdmin admin) {
        long begun = System.nanoTime();
        long shown = -1;
        while (true) {
            var lease = lease(shards);
            var took = Duration.ofNanos(System.nanoTime() - begun);
            if (lease == null || !lease.edge().equals(before.edge())) {
                print.line("It has ended after %s.".formatted(Moments.span(took)));
                print.object(
                        Json.object()
                                .put("edge", edge)
                                .put("drained", true)
                                .put("ms", took.toMillis()));
                return true;
            }
            if (took.compareTo(patience) > 0) {
                print.note(
                        "edge '%s' still holds its lease after %s"
                                .formatted(edge, Moments.span(took)));
                print.object(Json.object().put("edge", edge).put("drained", false));
                return false;
            }
            var said = admin.ask(lease.notice());
            if (said.connections().orElse(shown) != shown) {
                shown = said.connections().getAsLong();
                print.line("%8s  %d connections".formatted(Moments.span(took), shown));
                print.object(
                        Json.object()
                                .put("edge", edge)
                                .put("connections", shown)
                                .put("ms", took.toMillis()));
            }
            pause();
        }
    }

    private Leases.@Nullable Lease lease(RedisLink shards) {
        return shards.get(shards.leases().all()).stream()
                .filter(each -> each.edge().id().equals(edge))
                .findFirst()
                .orElse(null);
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", e);
        }
    }
}
