package io.switchboard.dispatcher;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.switchboard.dispatcher.lane.LaneMeters.Traced;
import io.switchboard.runtime.Tracing;
import io.switchboard.schemas.LaneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The dispatcher's spans: one of each event, in its own trace, and one of the batch that it went
/// to its shard with, linked both ways. They last until the shard has answered.
///
/// Thread-safe.
final class BatchTraces {
    private static final AttributeKey<Long> COUNT =
            AttributeKey.longKey("messaging.batch.message_count");
    private static final AttributeKey<String> PARTITION =
            AttributeKey.stringKey("messaging.destination.partition.id");
    private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");

    private final Tracing tracing;
    private final String topic;

    BatchTraces(Tracing tracing, String topic) {
        this.tracing = tracing;
        this.topic = topic;
    }

    /// Null when none of these events is traced.
    @Nullable Runnable begin(LaneId lane, List<Traced> events) {
        var contexts = new ArrayList<SpanContext>(events.size());
        boolean any = false;
        for (var each : events) {
            var context = Tracing.of(Tracing.context(each.headers()));
            contexts.add(context);
            any |= context.isSampled();
        }
        if (!any) {
            return null;
        }
        var builder =
                tracing.messaging("process", topic, SpanKind.CONSUMER, Context.root())
                        .setAttribute(PARTITION, String.valueOf(lane.partition()))
                        .setAttribute(COUNT, (long) events.size());
        contexts.stream().filter(SpanContext::isSampled).forEach(builder::addLink);
        var batch = builder.startSpan();
        var spans = new ArrayList<Span>();
        for (int i = 0; i < events.size(); i++) {
            if (contexts.get(i).isSampled()) {
                spans.add(begin(lane, events.get(i), batch));
            }
        }
        return () -> {
            spans.forEach(Span::end);
            batch.end();
        };
    }

    private Span begin(LaneId lane, Traced event, Span batch) {
        return tracing.messaging(
                        "process", topic, SpanKind.CONSUMER, Tracing.context(event.headers()))
                .addLink(batch.getSpanContext())
                .setAttribute(Tracing.EVENT, event.eventId())
                .setAttribute(Tracing.POSITION, lane.position(event.offset()).toString())
                .setAttribute(PARTITION, String.valueOf(lane.partition()))
                .setAttribute(OFFSET, event.offset())
                .startSpan();
    }
}
