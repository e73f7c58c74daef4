package io.switchboard.operator;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.ClusterKeyFlags;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LetterMark;
import io.switchboard.schemas.Republisher;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Sends dead letters again, once their cause is mended.
@Command(
        name = "redrive",
        mixinStandardHelpOptions = true,
        description = {
            "Sends dead letters again, with a new ttl, and marks them.",
            "What is still malformed, unknown or blocked by the apps file is not sent: it would only come back as a new letter. Exit code 1 when something was not sent."
        })
final class RedriveCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private AppsFlags appsFlags = new AppsFlags();
    @Mixin private ClusterKeyFlags clusterKey = new ClusterKeyFlags();
    @Mixin private LetterFilter filter = new LetterFilter();
    @Mixin private Print print = new Print();

    @Parameters(
            arity = "0..*",
            paramLabel = "KEY",
            description = "As `dead-letters list` names them; none: all open ones of the filter.")
    private List<String> keys = List.of();

    @Option(
            names = "--all",
            description = "All open letters, when neither a key nor a filter is given.")
    private boolean all;

    @Option(
            names = "--app",
            paramLabel = "APP",
            description = "Whose it is, for letters whose app was never verified.")
    private @Nullable String app;

    @Option(names = "--dry-run", description = "Says what would be sent.")
    private boolean dryRun;

    @Override
    public Integer call() {
        if (keys.isEmpty() && filter.isEmpty() && !all) {
            throw new Unusable(
                    "no letters named (expected: keys, --code, --of-app, --since or --all)");
        }
        try (var file = appsFlags.open();
                var link = new KafkaLink(kafka)) {
            var republisher = link.republisher(clusterKey.load());
            int refused = 0;
            var table = Table.of("KEY", "OUTCOME");
            for (var letter : meant(new LetterBox(link).letters())) {
                if (!redrive(letter, file.current(), link, republisher, table)) {
                    refused++;
                }
            }
            if (table.isEmpty()) {
                print.line("No open dead letters are meant.");
            } else {
                print.table(table);
            }
            return refused == 0 ? Cli.DONE : Cli.FAILED;
        }
    }

    private List<Letter> meant(List<Letter> letters) {
        if (!keys.isEmpty()) {
            return keys.stream().map(key -> ShowLetterCommand.find(letters, key)).toList();
        }
        return filter.of(letters, Instant.now()).stream().filter(Letter::open).toList();
    }

    private boolean redrive(
            Letter letter, Apps apps, KafkaLink link, Republisher republisher, Table table) {
        return switch (Redrive.of(letter.letter(), app, apps, Instant.now())) {
            case Redrive.Refused(var why) -> {
                table.row(letter.key(), "not sent: " + why);
                print.object(
                        Json.object().put("key", letter.key()).put("sent", false).put("why", why));
                yield false;
            }
            case Redrive.Send send -> {
                if (!dryRun) {
                    send(letter, send, link, republisher);
                }
                show(letter, send, table);
                yield true;
            }
        };
    }

    private static void send(
            Letter letter, Redrive.Send send, KafkaLink link, Republisher republisher) {
        send.copies()
                .forEach(
                        each ->
                                link.send(
                                        republisher.record(
                                                each.origin(), each.url(), each.target(), null)));
        new LetterBox(link).mark(letter, new LetterMark(LetterMark.Kind.REDRIVEN, note(ids(send))));
    }

    private void show(Letter letter, Redrive.Send send, Table table) {
        var left =
                send.leftBehind() == 0
                        ? ""
                        : ", but for %d malformed targets".formatted(send.leftBehind());
        table.row(
                letter.key(),
                "%s as %s%s".formatted(dryRun ? "would be sent" : "sent", note(ids(send)), left));
        var answer =
                Json.object()
                        .put("key", letter.key())
                        .put("sent", !dryRun)
                        .put("left_behind", send.leftBehind());
        ids(send).forEach(answer.putArray("ids")::add);
        print.object(answer);
    }

    private static List<String> ids(Redrive.Send send) {
        return send.copies().stream()
                .map(each -> Objects.requireNonNull(each.origin().eventId()))
                .toList();
    }

    /// A letter of ten thousand targets needs no note of ten thousand ids.
    private static String note(List<String> ids) {
        int most = 10;
        return String.join(" ", ids.subList(0, Math.min(most, ids.size())))
                + (ids.size() <= most ? "" : " and %d more".formatted(ids.size() - most));
    }
}
