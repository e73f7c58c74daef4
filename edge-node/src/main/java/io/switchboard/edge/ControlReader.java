package io.switchboard.edge;

import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears what operators tell every process: reads [Topics#CONTROL] from its beginning, and then
/// what comes. A topic that is not there (yet) is looked for again; commands are heard late then,
/// and the apps file still holds.
///
/// The consumer belongs to the reader's own thread.
final class ControlReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlReader.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final String BLOCK = "block:";

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final EdgeNode node;
    private final Thread thread = Thread.ofPlatform().name("control").daemon().unstarted(this::run);
    private volatile boolean closed;

    ControlReader(Map<String, Object> consumer, EdgeNode node) {
        this.consumer = new KafkaConsumer<>(consumer);
        this.node = node;
    }

    ControlReader start() {
        thread.start();
        return this;
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
            Thread.interrupted(); // or closing would fail
            consumer.close(CloseOptions.timeout(QUIET));
        }
    }

    private void turn() throws InterruptedException {
        if (consumer.assignment().isEmpty()) {
            var partitions =
                    consumer.partitionsFor(Topics.CONTROL).stream()
                            .map(each -> new TopicPartition(each.topic(), each.partition()))
                            .toList();
            if (partitions.isEmpty()) {
                Thread.sleep(LOOK_AGAIN);
                return;
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }
        for (var each : consumer.poll(POLL)) {
            onRecord(each);
        }
    }

    private void onRecord(ConsumerRecord<byte[], byte[]> message) {
        if (message.key() == null) {
            return;
        }
        try {
            var read = ControlCommand.decode(message.key(), message.value());
            switch (read.command()) {
                case null -> onTakenBack(read.key());
                case ControlCommand.Block(var app, _) -> node.onBlock(app);
                case ControlCommand.Kick(var agent, var at) -> node.onKick(agent, at);
                case ControlCommand.Drain(var edge, var at) -> {
                    if (edge.equals(node.id()) && node.began().isBefore(at)) {
                        node.onDrain();
                    }
                }
            }
        } catch (IllegalArgumentException e) {
            LOG.atWarn().log("Not obeyed: {}", e.getMessage());
        }
    }

    private void onTakenBack(String key) {
        if (key.startsWith(BLOCK)) {
            node.onUnblock(key.substring(BLOCK.length()));
        }
    }
}
