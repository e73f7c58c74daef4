package io.switchboard.edge;

import io.opentelemetry.api.trace.SpanKind;
import io.switchboard.runtime.Tracing;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.TraceParent;
import java.util.concurrent.TimeUnit;

/// The edge node's spans: from the hint to the socket, of each event that was sent with a trace.
///
/// Thread-safe.
final class DeliveryTraces {
    private final Tracing tracing;
    private final String edge;

    DeliveryTraces(Tracing tracing, String edge) {
        this.tracing = tracing;
        this.edge = edge;
    }

    void written(byte[] frame, long hintedMillis, long nowMillis) {
        var traceParent = TraceParent.of(frame);
        if (traceParent == null) {
            return;
        }
        var parent = Tracing.context(traceParent);
        if (!Tracing.of(parent).isSampled()) {
            return;
        }
        long began = hintedMillis > 0 ? Math.min(hintedMillis, nowMillis) : nowMillis;
        var span =
                tracing.span("deliver", SpanKind.CONSUMER, parent)
                        .setStartTimestamp(began, TimeUnit.MILLISECONDS)
                        .setAttribute("switchboard.edge", edge)
                        .setAttribute("switchboard.live", hintedMillis > 0)
                        .startSpan();
        var event = Json.readObject(frame);
        if (event != null) {
            span.setAttribute(Tracing.EVENT, event.path("id").asText());
            span.setAttribute(Tracing.POSITION, event.path("pos").asText());
        }
        span.end(nowMillis, TimeUnit.MILLISECONDS);
    }
}
