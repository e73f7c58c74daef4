package io.switchboard.producer;

import io.switchboard.runtime.Apps;
import io.switchboard.schemas.CloudEvent;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Proof;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Reads single records of the events topic with one consumer, one lookup at a time: it serves
/// people who ask, not a path of messages.
///
/// Thread-safe: the lock owns the consumer.
final class KafkaEventsLog implements EventsLog, AutoCloseable {
    private static final Duration TURN = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration WAIT = Duration.ofSeconds(3);

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final LiveTopic topic;
    private final Supplier<Apps> apps;
    private final Proof proof;
    private final ReentrantLock lock = new ReentrantLock(true);
    private @Nullable Consumer<byte[], byte[]> consumer;

    KafkaEventsLog(
            Supplier<Consumer<byte[], byte[]>> consumers,
            LiveTopic topic,
            Supplier<Apps> apps,
            Proof proof) {
        this.consumers = consumers;
        this.topic = topic;
        this.apps = apps;
        this.proof = proof;
    }

    @Override
    public Answer find(String app, EventId.Coordinates at) {
        var now = topic.current();
        if (!at.first().tag().equals(now.tag()) || at.first().partition() >= now.partitions()) {
            return new Answer.Nothing();
        }
        try {
            if (!lock.tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Answer.Away("too many lookups at once");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Answer.Away("this process stops");
        }
        try {
            var partition = new TopicPartition(now.name(), at.first().partition());
            var record = read(partition, at.first().offset());
            var accepted = record == null ? null : accepted(app, record, at);
            return accepted == null ? new Answer.Nothing() : new Answer.Found(accepted);
        } catch (KafkaException e) {
            return new Answer.Away("the events topic cannot be read: " + e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (consumer != null) {
                consumer.close();
                consumer = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable ConsumerRecord<byte[], byte[]> read(TopicPartition partition, long offset) {
        if (consumer == null) {
            consumer = consumers.get();
        }
        var reader = consumer;
        reader.assign(List.of(partition));
        var end = reader.endOffsets(List.of(partition), WAIT).getOrDefault(partition, 0L);
        if (offset >= end) {
            return null;
        }
        reader.seek(partition, offset);
        var patience = WAIT.dividedBy(POLL);
        try {
            for (int i = 0; i < patience; i++) {
                for (var record : reader.poll(POLL).records(partition)) {
                    // The first at or after it: another one means that there is none at it.
                    return record.offset() == offset ? record : null;
                }
            }
        } catch (OffsetOutOfRangeException _) {
            return null;
        }
        throw new KafkaException("no answer within " + WAIT.toSeconds() + " s");
    }

    private EventIndex.@Nullable Accepted accepted(
            String app, ConsumerRecord<byte[], byte[]> record, EventId.Coordinates at) {
        if (record.value() == null) {
            return null;
        }
        var envelope = CloudEvent.orEnvelope(record.headers(), record.value()).envelope();
        if (envelope == null || !app.equals(appOf(record, envelope))) {
            return null;
        }
        int index = at.index() == null ? 0 : at.index();
        return envelope.targets().stream()
                .filter(each -> each.index() == index)
                .findFirst()
                .map(each -> new EventIndex.Accepted(envelope.url(), each.to().in(app), at.first()))
                .orElse(null);
    }

    private @Nullable String appOf(ConsumerRecord<byte[], byte[]> record, Envelope envelope) {
        var origin = record.headers().lastHeader(Origin.HEADER);
        var proven = record.headers().lastHeader(Proof.HEADER);
        if (origin != null && proven != null && record.key() != null) {
            return proof.verify(proven.value(), origin.value(), record.key(), record.value())
                    ? Origin.decode(origin.value()).app()
                    : null;
        }
        var token = envelope.chatToken() == null ? tokenHeader(record) : envelope.chatToken();
        var app = token == null ? null : apps.get().appOfToken(token);
        return app == null ? null : app.name();
    }

    private static @Nullable String tokenHeader(ConsumerRecord<byte[], byte[]> record) {
        var header = record.headers().lastHeader("chat_token");
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
