package io.switchboard.runtime;

import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears what operators tell every process: [Topics#CONTROL] from its beginning, and then as it
/// comes. A topic that is not there (yet) is looked for again; commands are heard late then, and
/// the apps file holds meanwhile.
///
/// What was written before the feed first looked is heard as such: a block still holds, a kick or a
/// drain was for others. Offsets tell, not clocks.
///
/// The consumer belongs to the feed's own thread, which calls the listener.
public final class ControlFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlFeed.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration QUIET = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final Listener listener;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final Map<TopicPartition, Long> ends = new HashMap<>();

    /// From here on is new: it was written since we listen, and not heard yet.
    private final Map<TopicPartition, Long> unheard = new HashMap<>();

    private final Thread thread = Thread.ofPlatform().name("control").daemon().unstarted(this::run);
    private volatile boolean closed;

    /// Hears each command, on the feed's thread.
    public interface Listener {
        /// @param anew false: it was written before this process listened, or was heard before
        void hear(ControlCommand.Read read, boolean anew);
    }

    public ControlFeed(Map<String, Object> consumer, Listener listener) {
        this(new KafkaConsumer<>(consumer), listener);
    }

    ControlFeed(Consumer<byte[], byte[]> consumer, Listener listener) {
        this.consumer = consumer;
        this.listener = listener;
    }

    public ControlFeed start() {
        thread.start();
        return this;
    }

    /// Waits until what was said before is heard; false when that takes longer.
    public boolean awaitCaughtUp(Duration patience) throws InterruptedException {
        return caughtUp.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            if (!thread.join(QUIET)) {
                thread.interrupt(); // it waits for the topic
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    turn();
                } catch (KafkaException e) {
                    if (closed || e instanceof InterruptException) {
                        return;
                    }
                    LOG.atWarn().log("{} cannot be read: {}", Topics.CONTROL, e.toString());
                    consumer.unsubscribe();
                    Thread.sleep(LOOK_AGAIN);
                }
            }
        } catch (InterruptedException _) {
            // closed
        } finally {
            Thread.interrupted(); // or closing would fail, and say so in the log of every stop
            consumer.close(CloseOptions.timeout(QUIET));
        }
    }

    private void turn() throws InterruptedException {
        if (consumer.assignment().isEmpty() && !begin()) {
            Thread.sleep(LOOK_AGAIN);
            return;
        }
        for (var each : consumer.poll(POLL)) {
            var partition = new TopicPartition(each.topic(), each.partition());
            boolean anew = each.offset() >= unheard.getOrDefault(partition, 0L);
            if (anew) {
                unheard.put(partition, each.offset() + 1);
            }
            hear(each.key(), each.value(), anew);
        }
        ends.entrySet().removeIf(each -> consumer.position(each.getKey()) >= each.getValue());
        if (ends.isEmpty()) {
            caughtUp.countDown();
        }
    }

    private boolean begin() {
        var found = consumer.partitionsFor(Topics.CONTROL);
        if (found == null || found.isEmpty()) {
            return false;
        }
        var partitions =
                found.stream()
                        .map(each -> new TopicPartition(each.topic(), each.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        ends.putAll(consumer.endOffsets(partitions));
        // A topic that was made again ends before what was heard of the former one.
        ends.forEach((partition, end) -> unheard.merge(partition, end, Math::min));
        return true;
    }

    private void hear(byte[] key, byte[] value, boolean anew) {
        if (key == null) {
            return;
        }
        ControlCommand.Read read;
        try {
            read = ControlCommand.decode(key, value);
        } catch (IllegalArgumentException e) {
            LOG.atWarn().log("Not obeyed: {}", e.getMessage());
            return;
        }
        listener.hear(read, anew);
    }
}
