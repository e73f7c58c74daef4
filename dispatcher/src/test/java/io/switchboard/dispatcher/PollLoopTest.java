package io.switchboard.dispatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.switchboard.dispatcher.lane.DispatcherCounter;
import io.switchboard.dispatcher.lane.Lane;
import io.switchboard.dispatcher.lane.LaneSettings;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.dispatcher.lane.Router;
import io.switchboard.inbox.Inbox;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Proof;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PollLoopTest {
    private static final EventsTopic TOPIC = new EventsTopic("worksheet.events", "abcDEF", 1);
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC.name(), 0);

    private final ConcurrentLinkedQueue<Supplier<ConsumerRecords<byte[], byte[]>>> polls =
            new ConcurrentLinkedQueue<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final PollLoop loop =
            new PollLoop(
                    consumer(),
                    TOPIC.name(),
                    1,
                    new Turnstile(() -> {}),
                    (_, _, _) -> lane(),
                    _ -> {},
                    _ -> new CompletableFuture<>(),
                    counters(),
                    failures::add);
    private long next;

    @AfterEach
    void close() {
        loop.close();
        assertThat(failures).isEmpty();
    }

    @Test
    void whatCameBeforeSomebodyStoodAtTheDoor_isNotLost() {
        polls.add(() -> records(2_000)); // so many make a pause
        polls.add(() -> records(1));
        polls.add(
                () -> {
                    throw new WakeupException();
                });

        loop.start();

        await().until(polls::isEmpty);
        await().until(() -> loop.lanes().getFirst().waiting() == 2_001);
    }

    @Test
    void afterAPause_whatGatheredInItMakesOneTurnWithWhatCameBefore() {
        polls.add(() -> records(2_000));
        polls.add(() -> records(1));
        polls.add(
                () -> {
                    assertThat(loop.lanes().getFirst().waiting())
                            .as("before the second poll")
                            .isEqualTo(2_000);
                    return records(12);
                });

        loop.start();

        await().until(polls::isEmpty);
        await().until(() -> loop.lanes().getFirst().waiting() == 2_013);
    }

    private ConsumerRecords<byte[], byte[]> records(int count) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        for (int i = 0; i < count; i++) {
            records.add(
                    new ConsumerRecord<>(PARTITION.topic(), 0, next++, new byte[0], new byte[0]));
        }
        return new ConsumerRecords<>(Map.of(PARTITION, records), Map.of());
    }

    /// Assigns the partition in the first poll; then what the test says, then nothing.
    @SuppressWarnings("unchecked")
    private Consumer<byte[], byte[]> consumer() {
        var listeners = new ArrayList<ConsumerRebalanceListener>();
        return (Consumer<byte[], byte[]>)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {Consumer.class},
                        (_, method, arguments) ->
                                switch (method.getName()) {
                                    case "subscribe" -> {
                                        listeners.add((ConsumerRebalanceListener) arguments[1]);
                                        yield null;
                                    }
                                    case "paused" -> Set.of();
                                    case "poll" -> poll(listeners, (Duration) arguments[0]);
                                    default -> null;
                                });
    }

    private ConsumerRecords<byte[], byte[]> poll(
            List<ConsumerRebalanceListener> listeners, Duration wait) throws InterruptedException {
        if (!listeners.isEmpty()) {
            listeners.removeFirst().onPartitionsAssigned(List.of(PARTITION));
            return records(0);
        }
        var next = polls.poll();
        if (next == null) {
            Thread.sleep(wait);
            return records(0);
        }
        return next.get();
    }

    /// Nobody answers it: what it is given waits.
    private static Lane lane() {
        return new Lane(
                new Router(TOPIC, 0, new Proof(List.of(new byte[Proof.KEY_BYTES]))),
                () -> {
                    throw new AssertionError("nothing is routed");
                },
                LaneSettings.DEFAULT,
                new Ports(
                        silent(Inbox.class),
                        silent(Ports.EventsLog.class),
                        silent(Ports.Hints.class),
                        silent(Ports.Outcomes.class),
                        silent(Ports.Commits.class),
                        silent(Ports.LogReader.class),
                        silent(Ports.Source.class),
                        silent(Ports.Edges.class),
                        silent(Ports.Door.class)),
                counters(),
                InstantSource.system(),
                new Random(1));
    }

    private static <T> T silent(Class<T> port) {
        return port.cast(
                Proxy.newProxyInstance(
                        port.getClassLoader(),
                        new Class<?>[] {port},
                        (_, method, _) ->
                                CompletionStage.class.isAssignableFrom(method.getReturnType())
                                        ? new CompletableFuture<>()
                                        : null));
    }

    private static Counters<DispatcherCounter> counters() {
        return new Counters<>(DispatcherCounter.class, new SimpleMeterRegistry());
    }
}
