package io.switchboard.operator;

import io.switchboard.runtime.Unusable;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// What could not be delivered.
@Command(
        name = "dead-letters",
        mixinStandardHelpOptions = true,
        description = "Records that could not be delivered: look, send again, or drop.",
        subcommands = {
            ListLettersCommand.class,
            ShowLetterCommand.class,
            RedriveCommand.class,
            DropLettersCommand.class
        })
final class DeadLettersCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new Unusable("no command (expected: list, show, redrive or drop)");
    }
}
