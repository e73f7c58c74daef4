package io.switchboard.dispatcher;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.switchboard.dispatcher.lane.DispatcherCounter;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.Metrics;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Hints to the topics of edge nodes, by a producer of their own. What does not get through soon
/// is dropped and counted: the edge's position check finds what nobody hinted. No lane waits here.
///
/// A topic that the producer does not know yet would hold up the caller while its metadata is
/// fetched. So that is done aside, and a few hints wait for it.
///
/// Thread-safe.
final class EdgeHints implements Ports.Hints, AutoCloseable {
    /// Enough for the first moments of an edge node.
    private static final int MAX_WAITING = 1_000;

    private static final Duration WARM_UP = Duration.ofSeconds(10);

    /// Beside the defaults of every producer of ours. A hint is worth little after a second.
    static final Map<String, Object> SETTINGS =
            Map.of(
                    ProducerConfig.ACKS_CONFIG, "1",
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false,
                    ProducerConfig.RETRIES_CONFIG, 3,
                    ProducerConfig.MAX_BLOCK_MS_CONFIG, 10,
                    ProducerConfig.BUFFER_MEMORY_CONFIG, 16L * 1024 * 1024,
                    ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 1_500,
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2_000,
                    ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1,
                    ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofHours(12).toMillis());

    /// A topic, cold until the producer knows it. Guarded by itself.
    private static final class Way {
        private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
        private boolean warm;
        private boolean warming;
    }

    private final Producer<byte[], byte[]> producer;
    private final Counters<DispatcherCounter> counters;
    private final Timer hinted;
    private final Map<String, Way> ways = new ConcurrentHashMap<>();

    EdgeHints(
            Producer<byte[], byte[]> producer,
            Counters<DispatcherCounter> counters,
            MeterRegistry registry) {
        this.producer = producer;
        this.counters = counters;
        this.hinted =
                Metrics.latency(
                        registry,
                        "switchboard.stored.to.hinted",
                        "From the shard's answer until the edge's topic has the hint.");
    }

    /// Learns the topic before it is needed.
    void expect(EdgeRef edge) {
        var topic = Topics.edge(edge);
        var way = ways.computeIfAbsent(topic, _ -> new Way());
        synchronized (way) {
            warmUp(topic, way);
        }
    }

    @Override
    public void send(EdgeRef edge, Hint hint) {
        var topic = Topics.edge(edge);
        var way = ways.computeIfAbsent(topic, _ -> new Way());
        var bytes = hint.encode();
        synchronized (way) {
            if (way.warm) {
                send(topic, way, bytes);
                return;
            }
            if (way.waiting.size() >= MAX_WAITING) {
                counters.increment(DispatcherCounter.HINTS_DROPPED);
                return;
            }
            way.waiting.add(bytes);
            warmUp(topic, way);
        }
    }

    private void send(String topic, Way way, byte[] bytes) {
        long start = System.nanoTime();
        try {
            producer.send(
                    new ProducerRecord<>(topic, 0, null, bytes),
                    (_, thrown) -> onAnswer(way, start, thrown));
        } catch (RuntimeException thrown) {
            onAnswer(way, start, thrown);
        }
    }

    private void onAnswer(Way way, long start, @Nullable Exception thrown) {
        if (thrown == null) {
            hinted.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            return;
        }
        counters.increment(DispatcherCounter.HINTS_DROPPED);
        if (thrown instanceof TimeoutException
                || thrown
                        instanceof
                        org.apache.kafka.common.errors.UnknownTopicOrPartitionException) {
            synchronized (way) {
                way.warm = false;
            }
        }
    }

    private void warmUp(String topic, Way way) {
        if (way.warm || way.warming) {
            return;
        }
        way.warming = true;
        Thread.ofVirtual().name("warm-up " + topic).start(() -> learn(topic, way));
    }

    private void learn(String topic, Way way) {
        long deadline = System.nanoTime() + WARM_UP.toNanos();
        boolean known = false;
        while (!known && System.nanoTime() < deadline) {
            try {
                known = !producer.partitionsFor(topic).isEmpty();
            } catch (TimeoutException _) {
                // Not yet; the call itself has waited.
            } catch (RuntimeException _) {
                break;
            }
        }
        synchronized (way) {
            way.warming = false;
            way.warm = known;
            if (known) {
                way.waiting.forEach(each -> send(topic, way, each));
            } else {
                counters.add(DispatcherCounter.HINTS_DROPPED, way.waiting.size());
                ways.remove(topic, way);
            }
            way.waiting.clear();
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
    }
}
