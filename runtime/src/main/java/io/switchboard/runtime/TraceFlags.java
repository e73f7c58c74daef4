package io.switchboard.runtime;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whether a process tells of spans, and to whom.
public final class TraceFlags {
    private static final String STANDARD = "OTEL_EXPORTER_OTLP_ENDPOINT";

    @Option(
            names = "--otlp",
            paramLabel = "URL",
            defaultValue = "",
            description =
                    "Export traces by OTLP over HTTP, as in http://127.0.0.1:4318; off without it. "
                            + STANDARD
                            + " is read too.")
    private String otlp = "";

    @Option(
            names = "--otlp-share",
            paramLabel = "0..1",
            defaultValue = "1",
            description =
                    "Of what comes without a trace of its own, so much begins one (${DEFAULT-VALUE}).")
    private double share = 1;

    public TraceFlags() {}

    /// Null when nobody wants to hear: then nothing of it is loaded.
    ///
    /// @param service what kind of process this is
    /// @param id which one
    public @Nullable Tracing open(String service, String id) {
        var url = otlp.isEmpty() ? System.getenv(STANDARD) : otlp;
        if (url == null || url.isEmpty()) {
            return null;
        }
        if (!(share >= 0 && share <= 1)) {
            throw new Unusable("--otlp-share: %s (expected: 0 to 1)".formatted(share));
        }
        return Tracing.to(endpoint(url), share, service, id);
    }

    private static URI endpoint(String url) {
        try {
            var uri = URI.create(url);
            if ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) {
                return uri.getPath().endsWith("/v1/traces")
                        ? uri
                        : URI.create(url.replaceAll("/+$", "") + "/v1/traces");
            }
        } catch (IllegalArgumentException _) {
            // said below
        }
        throw new Unusable("--otlp: '%s' (expected: http://host:port)".formatted(url));
    }
}
