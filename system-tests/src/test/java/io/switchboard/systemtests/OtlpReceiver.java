package io.switchboard.systemtests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Takes traces by OTLP over HTTP, as a collector does, and keeps them.
///
/// Thread-safe.
final class OtlpReceiver implements AutoCloseable {
    private final HttpServer server;
    private final Queue<Received> spans = new ConcurrentLinkedQueue<>();

    /// @param service of the process that sent it
    record Received(String service, Span span) {
        String traceId() {
            return HexFormat.of().formatHex(span.getTraceId().toByteArray());
        }

        String id() {
            return HexFormat.of().formatHex(span.getSpanId().toByteArray());
        }

        String parent() {
            return HexFormat.of().formatHex(span.getParentSpanId().toByteArray());
        }

        List<String> links() {
            return span.getLinksList().stream()
                    .map(each -> HexFormat.of().formatHex(each.getSpanId().toByteArray()))
                    .toList();
        }

        String attribute(String name) {
            return span.getAttributesList().stream()
                    .filter(each -> each.getKey().equals(name))
                    .map(each -> each.getValue().getStringValue())
                    .findFirst()
                    .orElse("");
        }
    }

    OtlpReceiver() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v1/traces", this::take);
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Received> spans() {
        return List.copyOf(spans);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            var request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
            for (var resource : request.getResourceSpansList()) {
                var service =
                        resource.getResource().getAttributesList().stream()
                                .filter(each -> each.getKey().equals("service.name"))
                                .map(each -> each.getValue().getStringValue())
                                .findFirst()
                                .orElse("");
                for (var scope : resource.getScopeSpansList()) {
                    scope.getSpansList().forEach(each -> spans.add(new Received(service, each)));
                }
            }
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
