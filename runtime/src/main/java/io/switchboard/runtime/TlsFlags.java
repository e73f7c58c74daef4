package io.switchboard.runtime;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whether a port speaks TLS.
public final class TlsFlags {
    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description =
                    "Certificate chain in PEM: the port speaks TLS; read again when it changes.")
    private @Nullable Path cert;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Its private key in PEM (PKCS #8).")
    private @Nullable Path key;

    public TlsFlags() {}

    /// @return null when no TLS is wanted
    public @Nullable TlsFiles open() {
        var chain = cert;
        var secret = key;
        if (chain == null && secret == null) {
            return null;
        }
        if (chain == null || secret == null) {
            throw new Unusable(
                    "--tls-cert, --tls-key: only one of them is given (expected: both, or none)");
        }
        return TlsFiles.open(chain, secret);
    }
}
