package io.switchboard.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/// How every command of ours starts and ends.
///
/// Each flag `--foo-bar` is also the variable `SWITCHBOARD_FOO_BAR`, and, so that a secret need
/// not be in the environment, `SWITCHBOARD_FOO_BAR_FILE` names a file that holds the value. Exit
/// codes: 0 done, 1 it did not hold ([Failure]), 2 used wrongly ([Unusable]); one sentence on
/// standard error, no stack trace.
public final class Cli {
    public static final int DONE = 0;
    public static final int FAILED = 1;
    public static final int MISUSED = 2;

    private static final String PREFIX = "SWITCHBOARD_";

    /// Shows the stack trace of what ended a command.
    private static final String TRACES = PREFIX + "STACK_TRACES";

    private Cli() {}

    /// Runs the command and ends the JVM with its code.
    public static void main(Callable<Integer> command, String... args) {
        System.exit(run(command, System.getenv(), args));
    }

    /// Runs the command; for tests and for commands made of commands.
    public static int run(Callable<Integer> command, Map<String, String> env, String... args) {
        return line(command, env).execute(args);
    }

    /// The command line of a command, to which subcommands may be added before it is executed.
    public static CommandLine line(Object command, Map<String, String> env) {
        return new CommandLine(command)
                .setDefaultValueProvider(argument -> valueOf(argument, env))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler((thrown, line, _) -> onThrown(thrown, line, env))
                .setParameterExceptionHandler(Cli::onMisuse);
    }

    private static int onMisuse(CommandLine.ParameterException misuse, String[] args) {
        var line = misuse.getCommandLine();
        var name = line.getCommandSpec().qualifiedName();
        line.getErr().println(name + ": " + oneLine(misuse.getMessage()));
        line.getErr().flush();
        return MISUSED;
    }

    private static int onThrown(Exception thrown, CommandLine line, Map<String, String> env) {
        if (env.containsKey(TRACES)) {
            thrown.printStackTrace(line.getErr());
        }
        var name = line.getCommandSpec().qualifiedName();
        line.getErr().println(name + ": " + sentence(thrown));
        line.getErr().flush();
        return thrown instanceof Unusable || thrown instanceof CommandLine.ParameterException
                ? MISUSED
                : FAILED;
    }

    private static String sentence(Exception thrown) {
        return switch (thrown) {
            case Unusable _, Failure _, CommandLine.ParameterException _ ->
                    oneLine(thrown.getMessage());
            default ->
                    "unforeseen %s: %s (%s=1 shows where)"
                            .formatted(
                                    thrown.getClass().getSimpleName(),
                                    oneLine(thrown.getMessage()),
                                    TRACES);
        };
    }

    private static String oneLine(@Nullable String message) {
        return message == null ? "no message" : message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static @Nullable String valueOf(ArgSpec argument, Map<String, String> env)
            throws IOException {
        if (!(argument instanceof OptionSpec option)) {
            return null;
        }
        var flag = option.longestName();
        if (!flag.startsWith("--")) {
            return null;
        }
        var name = PREFIX + flag.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
        var value = env.get(name);
        if (value != null) {
            return value;
        }
        var file = env.get(name + "_FILE");
        var taken = option.command().findOption(flag + "-file") != null;
        if (file == null || taken) {
            return null;
        }
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException _) {
            throw new Unusable(
                    "%s_FILE: '%s' cannot be read (expected: a file that holds the value of %s)"
                            .formatted(name, file, flag));
        }
    }
}
