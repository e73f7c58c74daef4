package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LetterMark;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Says of dead letters that nothing will be done.
@Command(
        name = "drop",
        mixinStandardHelpOptions = true,
        description =
                "Marks dead letters as dropped by an operator. They stay in the topic until its retention ends, and may still be re-driven by key.")
final class DropLettersCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private Print print = new Print();

    @Parameters(
            arity = "1..*",
            paramLabel = "KEY",
            description = "As `dead-letters list` names them.")
    private List<String> keys = List.of();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "dropped by operator",
            description = "Why, for those who look later (${DEFAULT-VALUE}).")
    private String reason = "dropped by operator";

    @Override
    public Integer call() {
        try (var link = new KafkaLink(kafka)) {
            var box = new LetterBox(link);
            var letters = box.letters();
            var meant = keys.stream().map(key -> ShowLetterCommand.find(letters, key)).toList();
            for (var letter : meant) {
                box.mark(letter, new LetterMark(LetterMark.Kind.DROPPED, reason));
                print.line(letter.key() + " dropped");
                print.object(Json.object().put("key", letter.key()).put("dropped", true));
            }
            return Cli.DONE;
        }
    }
}
