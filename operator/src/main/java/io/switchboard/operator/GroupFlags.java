package io.switchboard.operator;

import picocli.CommandLine.Option;

/// Which dispatchers.
final class GroupFlags {
    @Option(
            names = "--group",
            paramLabel = "NAME",
            defaultValue = "switchboard-dispatcher",
            description = "The dispatchers' consumer group (${DEFAULT-VALUE}).")
    private String group = "switchboard-dispatcher";

    String name() {
        return group;
    }
}
