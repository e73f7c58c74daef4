package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Unusable;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// The commands that are not a process of their own.
@Command(
        name = "./switchboard",
        mixinStandardHelpOptions = true,
        subcommands = {AgentCommand.class, TokenCommand.class, TopicsCommand.class})
public final class OperatorMain implements Callable<Integer> {
    private OperatorMain() {}

    public static void main(String[] args) {
        Cli.main(new OperatorMain(), args);
    }

    @Override
    public Integer call() {
        throw new Unusable("no command (expected: one of those that --help lists)");
    }
}
