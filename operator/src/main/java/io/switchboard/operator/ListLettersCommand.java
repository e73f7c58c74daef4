package io.switchboard.operator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Problem;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The dead letters, newest last.
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists dead letters, newest last; those still open unless --all.")
final class ListLettersCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private LetterFilter filter = new LetterFilter();
    @Mixin private Print print = new Print();

    @Option(names = "--all", description = "Those too that were re-driven or dropped.")
    private boolean all;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "The newest N only (${DEFAULT-VALUE}); 0: all.")
    private int limit = 50;

    @Override
    public Integer call() {
        try (var link = new KafkaLink(kafka)) {
            var meant =
                    filter.of(new LetterBox(link).letters(), Instant.now()).stream()
                            .filter(each -> all || each.open())
                            .toList();
            var shown =
                    limit == 0 || meant.size() <= limit
                            ? meant
                            : meant.subList(meant.size() - limit, meant.size());
            shown.forEach(each -> print.object(json(each)));
            print(meant, shown);
            return Cli.DONE;
        }
    }

    private void print(List<Letter> meant, List<Letter> shown) {
        if (meant.isEmpty()) {
            print.line(all ? "No dead letters." : "No open dead letters.");
            return;
        }
        var table = Table.of("KEY", "SINCE (UTC)", "APP", "STATE", "WHY");
        for (var each : shown) {
            var letter = each.letter();
            table.row(
                    each.key(),
                    Moments.time(each.at()).substring(0, 19),
                    letter.app() == null ? "?" : letter.app(),
                    each.state(),
                    letter.error().msg() + ": " + found(letter.detail()));
        }
        print.table(table);
        if (shown.size() < meant.size()) {
            print.line("%d of %d (--limit 0 lists all)".formatted(shown.size(), meant.size()));
        }
    }

    /// What was found, without what was expected: `show` tells both.
    private static String found(String detail) {
        int expected = detail.indexOf(" (expected");
        return expected < 0 ? detail : detail.substring(0, expected);
    }

    static ObjectNode json(Letter each) {
        var letter = each.letter();
        var node =
                Json.object()
                        .put("key", each.key())
                        .put("at", each.at().toString())
                        .put("state", each.state())
                        .put("code", letter.error().code())
                        .put("msg", letter.error().msg())
                        .put("detail", letter.detail())
                        .put("topic", letter.topic())
                        .put("pos", letter.at().toString());
        if (letter.target() != Problem.WHOLE) {
            node.put("target", letter.target());
        }
        if (letter.app() != null) {
            node.put("app", letter.app());
        }
        if (each.mark() != null && each.markedAt() != null) {
            node.put("marked_at", each.markedAt().toString()).put("note", each.mark().note());
        }
        return node;
    }
}
