package io.switchboard.runtime;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            description =
                    "The admin port then asks for this token everywhere but on /live and /ready.")
    private @Nullable Path adminTokenFile;

    public AdminFlags() {}

    /// The part of a URL by which others reach what listens on this address: of a wildcard this
    /// machine's own address.
    public static String reachable(String host) {
        var address = host;
        if (host.equals("0.0.0.0") || host.equals("::")) {
            try {
                address = InetAddress.getLocalHost().getHostAddress();
            } catch (UnknownHostException _) {
                address = "localhost";
            }
        }
        return address.contains(":") ? "[" + address + "]" : address;
    }

    public String host() {
        return host;
    }

    /// @return null when the admin port is open
    public @Nullable AdminToken token() {
        return adminTokenFile == null ? null : AdminToken.read(adminTokenFile);
    }

    public int adminPort() {
        return adminPort;
    }
}
