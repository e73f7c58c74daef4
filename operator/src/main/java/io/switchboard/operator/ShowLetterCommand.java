package io.switchboard.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Problem;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// One dead letter, whole.
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Shows one dead letter whole; its token is masked since it was written.")
final class ShowLetterCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private Print print = new Print();

    @Parameters(paramLabel = "KEY", description = "As `dead-letters list` names it.")
    private String key = "";

    @Override
    public Integer call() {
        try (var link = new KafkaLink(kafka)) {
            var letter = find(new LetterBox(link).letters(), key);
            if (print.json()) {
                var node = ListLettersCommand.json(letter);
                var raw = letter.letter().raw();
                if (raw != null) {
                    var value = Json.readObject(raw);
                    if (value != null) {
                        node.set("value", value);
                    } else {
                        node.put("raw", raw);
                    }
                }
                print.object(node);
            } else {
                show(letter);
            }
            return Cli.DONE;
        }
    }

    static Letter find(Iterable<Letter> letters, String key) {
        for (var each : letters) {
            if (each.key().equals(key)) {
                return each;
            }
        }
        throw new Failure(
                "dead letter '%s' is not there (expected: a key of `dead-letters list --all`)"
                        .formatted(key));
    }

    private void show(Letter letter) {
        var dead = letter.letter();
        field("key", letter.key());
        field("since", Moments.time(letter.at()) + " UTC");
        field("why", "%d %s".formatted(dead.error().code(), dead.error().msg()));
        field("detail", dead.detail());
        field("record", "%s, %s".formatted(dead.topic(), dead.at()));
        field("target", dead.target() == Problem.WHOLE ? "the whole record" : "" + dead.target());
        field("app", dead.app() == null ? "not verified" : dead.app());
        if (letter.mark() != null && letter.markedAt() != null) {
            field(
                    "state",
                    "%s at %s UTC: %s"
                            .formatted(
                                    letter.state(),
                                    Moments.time(letter.markedAt()),
                                    letter.mark().note()));
        } else {
            field("state", letter.state());
        }
        print.line("");
        print.line(text(dead.raw()));
    }

    private void field(String name, String value) {
        print.line("%-8s %s".formatted(name, Print.safe(value)));
    }

    private static String text(byte @org.jspecify.annotations.Nullable [] raw) {
        if (raw == null) {
            return "(too large to be kept)";
        }
        var value = Json.readObject(raw);
        if (value != null) {
            try {
                return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
            } catch (JsonProcessingException _) {
                // shown as it is
            }
        }
        return Print.safe(new String(raw, StandardCharsets.UTF_8));
    }
}
