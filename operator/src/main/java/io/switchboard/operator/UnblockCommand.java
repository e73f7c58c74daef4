package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Lets an app in again.
@Command(
        name = "unblock",
        mixinStandardHelpOptions = true,
        description = "Lifts a block. What the apps file says of the app holds again.")
final class UnblockCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private Print print = new Print();

    @Parameters(paramLabel = "APP", description = "The app's name.")
    private String app = "";

    @Override
    public Integer call() {
        try (var link = new KafkaLink(kafka)) {
            var command = BlockCommand.command(app);
            new ControlTopic(link).takeBack(command);
            print.line("App '%s' is not blocked any more.".formatted(app));
            print.object(BlockCommand.json(command).put("blocked", false));
            return Cli.DONE;
        }
    }
}
