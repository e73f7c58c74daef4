package io.switchboard.producer;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Problem;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Republisher;
import io.switchboard.schemas.Target;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// Sends worksheets from a Java program straight into Kafka.
///
/// ```java
/// try (var worksheets = Worksheets.builder()
///         .kafka("127.0.0.1:9092").app("helpdesk").chatToken(token).open()) {
///     var sent = worksheets.send("/worksheet/send-message",
///             Outgoing.toAgent(uuid, Map.of("type", "new_worksheet_to_deal", "infos", "…")));
///     List<String> ids = sent.ids().get();
///     sent.acknowledged().orTimeout(10, TimeUnit.MINUTES).join();
/// }
/// ```
///
/// Each event is a record of its own, keyed by its address, so that it lies in its address's lane
/// from the start; without the app's name it has no key, and the dispatcher moves it there.
///
/// Thread-safe.
public final class Worksheets implements AutoCloseable {
    /// Between this clock and Kafka's, when receipts are looked for since the sending.
    private static final Duration SKEW = Duration.ofMinutes(1);

    private static final long MOST_RECEIPTS = 1_000_000;

    private final Producer<byte[], byte[]> producer;
    private final EventsTopic topic;
    private final @Nullable String app;
    private final @Nullable String chatToken;
    private final @Nullable Republisher republisher;
    private final Supplier<Consumer<byte[], byte[]>> receipts;
    private final InstantSource clock;
    private final Endings endings = new Endings();
    private @Nullable ReceiptTail tail;

    Worksheets(
            Producer<byte[], byte[]> producer,
            EventsTopic topic,
            @Nullable String app,
            @Nullable String chatToken,
            @Nullable Proof proof,
            Supplier<Consumer<byte[], byte[]>> receipts,
            InstantSource clock) {
        this.producer = producer;
        this.topic = topic;
        this.app = app;
        this.chatToken = chatToken;
        this.republisher =
                proof == null ? null : new Republisher(topic.name(), topic.partitions(), proof);
        this.receipts = receipts;
        this.clock = clock;
    }

    public static Builder builder() {
        return new Builder();
    }

    public Sent send(String url, Outgoing... events) {
        return send(url, List.of(events));
    }

    /// @throws IllegalArgumentException naming the first field that would be refused; then nothing
    ///     is sent
    public Sent send(String url, List<Outgoing> events) {
        if (events.isEmpty()) {
            throw new IllegalArgumentException("events: none (expected: at least one)");
        }
        var records = new ArrayList<ProducerRecord<byte[], byte[]>>();
        for (int i = 0; i < events.size(); i++) {
            records.add(record(url, events.get(i).target(), i));
        }
        var since = clock.instant();
        var ids = new ArrayList<CompletableFuture<String>>();
        for (int i = 0; i < events.size(); i++) {
            var target = events.get(i).target();
            ids.add(append(records.get(i)).thenApply(at -> id(target, at)));
        }
        var all =
                CompletableFuture.allOf(ids.toArray(CompletableFuture[]::new))
                        .thenApply(_ -> ids.stream().map(CompletableFuture::join).toList());
        return new Sent(all, () -> acknowledged(all, events, since));
    }

    @Override
    public void close() {
        synchronized (this) {
            if (tail != null) {
                tail.close();
            }
        }
        producer.close();
    }

    private ProducerRecord<byte[], byte[]> record(String url, Target target, int index) {
        var value = Envelope.encode(url, target, chatToken);
        var problems = Envelope.parse(value).problems();
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "event %d: %s"
                            .formatted(
                                    index,
                                    problems.stream()
                                            .map(Problem::message)
                                            .collect(Collectors.joining("; "))));
        }
        if (republisher != null) {
            var origin = Origin.direct(Objects.requireNonNull(app));
            var signed = republisher.record(origin, url, target, new RecordHeaders());
            // The producer hears by itself when the topic gets more partitions.
            return new ProducerRecord<>(
                    signed.topic(), null, signed.key(), signed.value(), signed.headers());
        }
        var address = address(target);
        return new ProducerRecord<>(topic.name(), address == null ? null : address.key(), value);
    }

    private @Nullable Address address(Target target) {
        return app == null ? null : target.to().in(app);
    }

    private CompletableFuture<RecordMetadata> append(ProducerRecord<byte[], byte[]> record) {
        var stored = new CompletableFuture<RecordMetadata>();
        try {
            producer.send(
                    record,
                    (metadata, failure) -> {
                        if (failure == null) {
                            stored.complete(metadata);
                        } else {
                            stored.completeExceptionally(failure);
                        }
                    });
        } catch (KafkaException e) {
            stored.completeExceptionally(e);
        }
        return stored;
    }

    private String id(Target target, RecordMetadata at) {
        return EventId.of(target, topic.lane(at.partition()).position(at.offset()), 1);
    }

    private CompletableFuture<Void> acknowledged(
            CompletableFuture<List<String>> ids, List<Outgoing> events, Instant since) {
        startTail(since);
        var done = new CompletableFuture<Void>();
        ids.whenComplete(
                (known, failure) -> {
                    if (failure != null) {
                        done.completeExceptionally(failure);
                        return;
                    }
                    var ends = new ArrayList<CompletableFuture<Receipt>>();
                    for (int i = 0; i < known.size(); i++) {
                        ends.add(endings.of(known.get(i), address(events.get(i).target())));
                    }
                    var left = new AtomicInteger(ends.size());
                    ends.forEach(each -> each.thenAccept(receipt -> onEnd(receipt, left, done)));
                    // A caller that gave up must not leave its waiters behind.
                    done.whenComplete((_, _) -> ends.forEach(each -> each.cancel(false)));
                });
        return done;
    }

    private static void onEnd(Receipt receipt, AtomicInteger left, CompletableFuture<Void> done) {
        if (receipt.kind() != Receipt.Kind.ACKNOWLEDGED) {
            done.completeExceptionally(new NotAcknowledged(receipt));
        } else if (left.decrementAndGet() == 0) {
            done.complete(null);
        }
    }

    private synchronized void startTail(Instant since) {
        if (tail == null) {
            tail = new ReceiptTail(receipts, since.minus(SKEW), MOST_RECEIPTS, endings::onReceipt);
            tail.start();
        }
    }

    /// What a program must say: where Kafka is, and who it is.
    public static final class Builder {
        private final Map<String, Object> settings = new HashMap<>();
        private String bootstrapServers = "127.0.0.1:9092";
        private String topic = Topics.EVENTS;
        private String clientId = "worksheets";
        private @Nullable String app;
        private @Nullable String chatToken;
        private @Nullable Proof proof;

        private Builder() {}

        public Builder kafka(String bootstrapServers) {
            this.bootstrapServers = bootstrapServers;
            return this;
        }

        /// Further Kafka client properties (security and the like), for all clients.
        public Builder kafka(Map<String, Object> settings) {
            this.settings.putAll(settings);
            return this;
        }

        public Builder topic(String topic) {
            this.topic = topic;
            return this;
        }

        public Builder clientId(String clientId) {
            this.clientId = clientId;
            return this;
        }

        /// The app's name: with it, records are keyed from the start.
        public Builder app(String app) {
            this.app = app;
            return this;
        }

        /// What names and authenticates the app; travels in each record.
        public Builder chatToken(String chatToken) {
            this.chatToken = chatToken;
            return this;
        }

        /// For a program that is part of the cluster and holds its key: no token travels.
        public Builder proof(Proof proof) {
            this.proof = proof;
            return this;
        }

        /// Asks Kafka for the topic, and opens.
        public Worksheets open() {
            if ((chatToken == null) == (proof == null)) {
                throw new IllegalStateException(
                        "worksheets: %s (expected: exactly one of chatToken and proof)"
                                .formatted(chatToken == null ? "neither" : "both"));
            }
            if (proof != null && app == null) {
                throw new IllegalStateException("worksheets: proof without app (expected: both)");
            }
            var flags = KafkaFlags.of(bootstrapServers, topic);
            EventsTopic resolved;
            try (var admin = Admin.create(with(flags.admin(clientId + "-admin")))) {
                resolved = EventsTopic.resolve(admin, topic);
            }
            return new Worksheets(
                    new KafkaProducer<>(with(flags.producer(clientId))),
                    resolved,
                    app,
                    chatToken,
                    proof,
                    () -> new KafkaConsumer<>(with(flags.consumer(clientId + "-receipts"))),
                    InstantSource.system());
        }

        private Map<String, Object> with(Map<String, Object> defaults) {
            var all = new HashMap<>(defaults);
            all.putAll(settings);
            return all;
        }
    }
}
