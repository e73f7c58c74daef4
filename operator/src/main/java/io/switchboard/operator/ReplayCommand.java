package io.switchboard.operator;

import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.ClusterKeyFlags;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Json;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Delivers again what was delivered before.
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Delivers a range of events again, each once, marked as redelivered, with a new ttl. Live events go on meanwhile.",
            "Interrupted? The same command with --redelivery ID goes on where it stopped, and doubles nothing."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);
    private static final int MOST_A_SECOND = 100_000;

    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private AppsFlags appsFlags = new AppsFlags();
    @Mixin private ClusterKeyFlags clusterKey = new ClusterKeyFlags();
    @Mixin private ReplayRange range = new ReplayRange();
    @Mixin private AddressFlags meant = new AddressFlags();
    @Mixin private GroupFlags group = new GroupFlags();
    @Mixin private Print print = new Print();

    @Option(
            names = "--skip-to",
            paramLabel = "POS",
            description =
                    "The other way: stopped dispatchers pass over everything before this position of its lane. What is passed over ends as dropped.")
    private @Nullable String skipTo;

    @Option(names = "--id", paramLabel = "ID", description = "The event of this id only.")
    private @Nullable String eventId;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "200",
            description = "At most so many events a second (${DEFAULT-VALUE}).")
    private int rate = 200;

    @Option(
            names = "--redelivery",
            paramLabel = "ID",
            description = "Names the redelivery; the name of an interrupted one resumes it.")
    private @Nullable String redelivery;

    @Option(names = "--dry-run", description = "Says what would be sent again.")
    private boolean dryRun;

    @Override
    public Integer call() {
        if (rate < 1 || rate > MOST_A_SECOND) {
            throw new Unusable("--rate: %d (expected: 1 to %d)".formatted(rate, MOST_A_SECOND));
        }
        if (redelivery != null && !ID.matcher(redelivery).matches()) {
            throw new Unusable("--redelivery: '%s' (expected: %s)".formatted(redelivery, ID));
        }
        if (skipTo != null) {
            return skip(skipTo);
        }
        var id = redelivery == null ? newId() : redelivery;
        try (var file = appsFlags.open();
                var link = new KafkaLink(kafka)) {
            var proof = clusterKey.load();
            var topic = link.events();
            var wanted = Redelivery.meaning(meant.app(), meant.address(), eventId);
            var ranges = range.resolve(topic, meant.address(), link.reader(), Instant.now());
            var run =
                    new Replay(
                            link,
                            new Sighting.Reader(topic, file.current(), proof),
                            dryRun ? null : link.republisher(proof),
                            rate,
                            print);
            try {
                var counts = run.run(id, redelivery != null, file.current(), wanted, ranges);
                show(id, counts);
            } catch (Failure e) {
                throw dryRun
                        ? e
                        : new Failure(
                                "%s; the same command with --redelivery %s goes on from there"
                                        .formatted(e.getMessage(), id),
                                e);
            }
            return Cli.DONE;
        }
    }

    private int skip(String position) {
        try (var link = new KafkaLink(kafka)) {
            var to = ReplayRange.position("--skip-to", position, link.events());
            var marker = SkipTo.ask(link, group.name(), to);
            print.line(
                    "Lane %s will pass over %d to %d when a dispatcher starts; they end as dropped."
                            .formatted(to.lane(), marker.offset(), to.offset() - 1));
            print.object(
                    Json.object()
                            .put("lane", to.lane().toString())
                            .put("from", marker.offset())
                            .put("skip", to.offset()));
            return Cli.DONE;
        }
    }

    private static String newId() {
        return "r-%s-%04x"
                .formatted(
                        STAMP.format(Instant.now()), ThreadLocalRandom.current().nextInt(0x1_0000));
    }

    private void show(String id, Replay.Counts counts) {
        print.object(counts.json(id, dryRun));
        print.line(
                "%8d %s as redelivery %s"
                        .formatted(counts.sent(), dryRun ? "would be sent" : "sent", id));
        counts.skipped()
                .forEach(
                        (why, count) ->
                                print.line("%8d not sent: %s".formatted(count, why.sentence())));
    }
}
