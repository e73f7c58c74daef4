package io.switchboard.runtime;

import picocli.CommandLine.Option;

/// How the log is written.
public final class LogFlags {
    @Option(
            names = "--log",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Log lines for people or for machines (${DEFAULT-VALUE}).")
    private Logs.Form form = Logs.Form.TEXT;

    public LogFlags() {}

    public void apply() {
        Logs.write(form);
    }
}
