package io.switchboard.operator;

import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.schemas.Json;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// One event's path, and why it did not arrive.
@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        description = {
            "One event's path through Kafka, inbox and edge, and in a last sentence what became of it.",
            "An id that names a position (aB3_-x.3.42) is looked up directly; a producer's own id is searched for. Exit code 1 when nothing of that id is found."
        })
final class TraceCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private RedisFlags redis = new RedisFlags();
    @Mixin private AppsFlags appsFlags = new AppsFlags();
    @Mixin private AddressFlags meant = new AddressFlags();
    @Mixin private Print print = new Print();

    @Parameters(paramLabel = "ID", description = "The event's id, or a position of it.")
    private String id = "";

    @Option(
            names = "--since",
            paramLabel = "TIME",
            defaultValue = "1h",
            description =
                    "How far back a producer's id is searched for: RFC 3339, or a span before now (${DEFAULT-VALUE}).")
    private String since = "1h";

    @Override
    public Integer call() {
        var now = Instant.now();
        try (var link = new KafkaLink(kafka);
                var shards = new RedisLink(redis);
                var edges = new EdgeAdmin()) {
            var tracer =
                    new Tracer(
                            link,
                            shards,
                            edges,
                            new Sighting.Reader(
                                    link.events(), OperatorFiles.appsIfAny(appsFlags), null));
            var trace = Trace.of(tracer.find(id, meant, Moments.parse("--since", since, now), now));
            show(trace);
            return trace.verdicts().stream().allMatch(each -> each.fate() == Judge.Fate.UNKNOWN)
                    ? Cli.FAILED
                    : Cli.DONE;
        }
    }

    private void show(Trace trace) {
        var table = Table.of("TIME (UTC)", "WHAT", "WHERE", "DETAIL");
        for (var hop : trace.hops()) {
            table.row(
                    hop.time() == null ? "now" : Moments.time(hop.time()),
                    hop.what(),
                    hop.where(),
                    hop.detail());
            print.object(
                    Json.object()
                            .put("hop", hop.what())
                            .put("at", hop.time() == null ? null : hop.time().toString())
                            .put("where", hop.where())
                            .put("detail", hop.detail()));
        }
        if (!table.isEmpty()) {
            print.table(table);
            print.line("");
        }
        for (var verdict : trace.verdicts()) {
            var sentence = Print.safe(capital(verdict.sentence())) + ".";
            Report.wrap(sentence, print.width()).forEach(print::line);
            print.object(
                    Json.object()
                            .put("event", id)
                            .put("fate", verdict.fate().word())
                            .put(
                                    "address",
                                    verdict.address() == null ? null : verdict.address().toString())
                            .put("verdict", verdict.sentence()));
        }
    }

    private static String capital(@Nullable String sentence) {
        return sentence == null || sentence.isEmpty()
                ? ""
                : Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }
}
