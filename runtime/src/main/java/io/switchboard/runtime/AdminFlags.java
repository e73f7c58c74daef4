package io.switchboard.runtime;

import picocli.CommandLine.Option;

/// Where a process listens, and its admin port.
public final class AdminFlags {
    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--admin-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "For /live, /ready, /health and /metrics; 0 takes any free one.")
    private int adminPort;

    public AdminFlags() {}

    public String host() {
        return host;
    }

    public int adminPort() {
        return adminPort;
    }
}
