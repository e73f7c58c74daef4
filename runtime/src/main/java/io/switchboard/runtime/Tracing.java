package io.switchboard.runtime;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.switchboard.schemas.TraceParent;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Spans of a process, exported by OTLP. What is not exported in time is dropped: tracing holds
/// nothing up.
///
/// A message keeps the trace context that it was sent with (its *creation context*) in its record's
/// header and in the browser's frame. Every span about it is a child of that context, as the
/// conventions of OpenTelemetry for messaging ask.
///
/// Thread-safe.
public final class Tracing implements AutoCloseable {
    public static final AttributeKey<String> EVENT = AttributeKey.stringKey("messaging.message.id");
    public static final AttributeKey<String> POSITION =
            AttributeKey.stringKey("switchboard.position");

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> DESTINATION =
            AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> OPERATION =
            AttributeKey.stringKey("messaging.operation.type");
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration LAST = Duration.ofSeconds(2);
    private static final List<String> NAMES = List.of(TraceParent.HEADER, TraceParent.STATE_HEADER);

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    private Tracing(SdkTracerProvider provider) {
        this.provider = provider;
        this.tracer = provider.get("io.switchboard");
    }

    static Tracing to(URI endpoint, double share, String service, String id) {
        var exporter = OtlpHttpSpanExporter.builder().setEndpoint(endpoint.toString()).build();
        var resource =
                Resource.create(
                        Attributes.of(
                                AttributeKey.stringKey("service.name"),
                                "switchboard-" + service,
                                AttributeKey.stringKey("service.instance.id"),
                                id));
        return new Tracing(
                SdkTracerProvider.builder()
                        .setResource(resource)
                        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(share)))
                        .addSpanProcessor(
                                BatchSpanProcessor.builder(exporter)
                                        .setScheduleDelay(PERIOD)
                                        .build())
                        .build());
    }

    /// The trace that these headers speak of; a root without one.
    public static Context context(Headers headers) {
        return W3CTraceContextPropagator.getInstance()
                .extract(Context.root(), headers, FROM_HEADERS);
    }

    /// The trace of this header's value.
    public static Context context(String traceParent) {
        return W3CTraceContextPropagator.getInstance()
                .extract(Context.root(), traceParent, FROM_TEXT);
    }

    /// What a message carries so that others go on in this span's trace.
    public static void write(Span span, Headers into) {
        W3CTraceContextPropagator.getInstance()
                .inject(
                        Context.root().with(span),
                        into,
                        (headers, name, value) -> {
                            if (headers != null) {
                                headers.remove(name);
                                headers.add(
                                        name,
                                        value.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                            }
                        });
    }

    public SpanBuilder span(String name, SpanKind kind, Context parent) {
        return tracer.spanBuilder(name).setSpanKind(kind).setParent(parent);
    }

    /// A span about messages of a topic.
    ///
    /// @param operation `send` or `process`
    public SpanBuilder messaging(String operation, String topic, SpanKind kind, Context parent) {
        return span(operation + " " + topic, kind, parent)
                .setAttribute(SYSTEM, "kafka")
                .setAttribute(DESTINATION, topic)
                .setAttribute(OPERATION, operation);
    }

    public static SpanContext of(Context context) {
        return Span.fromContext(context).getSpanContext();
    }

    @Override
    public void close() {
        provider.shutdown().join(LAST.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static final TextMapGetter<Headers> FROM_HEADERS =
            new TextMapGetter<>() {
                @Override
                public Iterable<String> keys(Headers carrier) {
                    return NAMES;
                }

                @Override
                public @Nullable String get(@Nullable Headers carrier, String key) {
                    var header = carrier == null ? null : carrier.lastHeader(key);
                    return header == null || header.value() == null
                            ? null
                            : new String(
                                    header.value(), java.nio.charset.StandardCharsets.US_ASCII);
                }
            };

    private static final TextMapGetter<String> FROM_TEXT =
            new TextMapGetter<>() {
                @Override
                public Iterable<String> keys(String carrier) {
                    return NAMES;
                }

                @Override
                public @Nullable String get(@Nullable String carrier, String key) {
                    return key.equals(TraceParent.HEADER) ? carrier : null;
                }
            };
}
