package io.switchboard.runtime;

import io.helidon.common.tls.Tls;
import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportResponse;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.switchboard.schemas.Json;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Opens an HTTP port of ours: requests run on virtual threads, and what is refused before any
/// handler sees it (a malformed request line, an encoding) is an RFC 9457 problem as well.
public final class HttpPort {
    /// How long a kept connection may wait for its next request: longer than clients' pools do,
    /// so that no request is sent into a closing connection.
    private static final Duration IDLE = Duration.ofMinutes(2);

    private HttpPort() {}

    /// @param flag that the port came by, for the sentence when it is taken
    /// @param port 0 takes any free one
    public static WebServer open(String flag, String host, int port, HttpRouting.Builder routing) {
        return open(flag, host, port, null, routing);
    }

    /// @param tls null: without
    public static WebServer open(
            String flag,
            String host,
            int port,
            @Nullable TlsFiles tls,
            HttpRouting.Builder routing) {
        Logs.configured();
        var plan =
                WebServer.builder()
                        .host(host)
                        .port(port)
                        .shutdownHook(false)
                        .connectionOptions(options -> options.tcpNoDelay(true).readTimeout(IDLE))
                        .errorHandling(handling -> handling.includeEntity(true))
                        .directHandlers(refusals())
                        .routing(routing);
        if (tls != null) {
            plan.tls(
                    Tls.builder()
                            .sslContext(tls.context())
                            .enabledProtocols(TlsFiles.protocols())
                            .build());
        }
        var server = plan.build();
        // A server that cannot listen says so only by not running.
        if (!server.start().isRunning()) {
            throw new Failure(
                    "%s: cannot listen on %s:%d (expected: an address of this machine and a free port)"
                            .formatted(flag, host, port));
        }
        return server;
    }

    private static DirectHandlers refusals() {
        var handlers = DirectHandlers.builder();
        for (var type : EventType.values()) {
            handlers.addHandler(type, new Refused());
        }
        return handlers.build();
    }

    private static final class Refused implements DirectHandler {
        @Override
        public TransportResponse handle(
                TransportRequest request,
                EventType type,
                Status status,
                ServerResponseHeaders headers,
                String message) {
            var body =
                    Json.object()
                            .put("type", "about:blank")
                            .put("title", status.reasonPhrase())
                            .put("status", status.code())
                            .put("detail", message);
            return TransportResponse.builder()
                    .status(status)
                    .headers(headers)
                    .keepAlive(type.keepAlive())
                    .header(HeaderNames.CONTENT_TYPE, "application/problem+json")
                    .entity(Json.bytes(body))
                    .build();
        }
    }
}
