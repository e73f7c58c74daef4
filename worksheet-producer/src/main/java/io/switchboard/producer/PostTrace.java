package io.switchboard.producer;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.switchboard.runtime.Tracing;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// The front door's spans of one request: the request itself, in the caller's trace if it brought
/// one, and one for each event that is sent.
///
/// Confined to the request.
final class PostTrace {
    private final Tracing tracing;
    private final String topic;
    private final Span request;

    PostTrace(Tracing tracing, String topic, String path, Headers caller) {
        this.tracing = tracing;
        this.topic = topic;
        this.request =
                tracing.span("POST " + path, SpanKind.SERVER, Tracing.context(caller))
                        .setAttribute("http.request.method", "POST")
                        .setAttribute("http.route", path)
                        .startSpan();
    }

    /// An event that is on its way to Kafka.
    record Sending(Span span, RecordHeaders headers) {
        void end(@Nullable String eventId) {
            if (eventId == null) {
                span.setStatus(StatusCode.ERROR, "not known to be stored");
            } else {
                span.setAttribute(Tracing.EVENT, eventId);
            }
            span.end();
        }
    }

    Sending send() {
        var span =
                tracing.messaging("send", topic, SpanKind.PRODUCER, Context.root().with(request))
                        .startSpan();
        var headers = new RecordHeaders();
        Tracing.write(span, headers);
        return new Sending(span, headers);
    }

    void end(int status) {
        request.setAttribute("http.response.status_code", status);
        if (status >= 500) {
            request.setStatus(StatusCode.ERROR);
        }
        request.end();
    }
}
