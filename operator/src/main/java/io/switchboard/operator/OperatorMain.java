package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Unusable;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The commands that are not a process of their own.
@Command(
        name = "./switchboard",
        mixinStandardHelpOptions = true,
        subcommands = {
            AgentCommand.class,
            TokenCommand.class,
            TopicsCommand.class,
            MigrateCommand.class,
            AgentsCommand.class,
            EdgesCommand.class,
            LanesCommand.class,
            TraceCommand.class,
            TailCommand.class,
            DeadLettersCommand.class,
            ReplayCommand.class,
            DrainCommand.class,
            KickCommand.class,
            BlockCommand.class,
            UnblockCommand.class,
            ConfigCommand.class,
            DoctorCommand.class,
            ConsoleCommand.class,
            CompletionCommand.class
        })
public final class OperatorMain implements Callable<Integer> {
    private OperatorMain() {}

    public static void main(String[] args) {
        Cli.main(new OperatorMain(), args);
    }

    /// The command line itself, for tests and for those who want its output elsewhere.
    public static CommandLine line(Map<String, String> env) {
        return Cli.line(new OperatorMain(), env);
    }

    @Override
    public Integer call() {
        throw new Unusable("no command (expected: one of those that --help lists)");
    }
}
