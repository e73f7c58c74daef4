package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The shell's part.
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description =
                "Prints a completion script for bash and zsh: source <(./switchboard completion)")
final class CompletionCommand implements Callable<Integer> {
    /// Of other modules: their names are completed, their flags are not.
    private static final List<String> OTHERS =
            List.of("up", "demo", "send", "dispatcher", "edge", "producer", "test", "chaos");

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the spec");
        }
        var root = new CommandLine(spec.root().userObject());
        for (var name : OTHERS) {
            root.addSubcommand(name, CommandSpec.create());
        }
        spec.commandLine().getOut().print(AutoComplete.bash("switchboard", root));
        spec.commandLine().getOut().flush();
        return Cli.DONE;
    }
}
