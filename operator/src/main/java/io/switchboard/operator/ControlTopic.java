package io.switchboard.operator;

import io.switchboard.runtime.Failure;
import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Where operators tell every process what to do.
///
/// *Used by one thread.*
final class ControlTopic {
    private final KafkaLink kafka;

    ControlTopic(KafkaLink kafka) {
        this.kafka = kafka;
    }

    void give(ControlCommand command) {
        send(command, command.value());
    }

    void takeBack(ControlCommand command) {
        send(command, null);
    }

    private void send(ControlCommand command, byte @Nullable [] value) {
        // A broker that creates topics by itself would make one that is not compacted.
        if (kafka.reader().partitions(Topics.CONTROL).isEmpty()) {
            throw new Failure(
                    "topic '%s' does not exist (expected: `./switchboard topics create` was run against this Kafka)"
                            .formatted(Topics.CONTROL));
        }
        kafka.send(new ProducerRecord<>(Topics.CONTROL, command.key(), value));
    }

    /// What was last said of the lanes of the events topic; null: they never grew.
    ControlCommand.@Nullable Lanes lanes() {
        var key = "lanes:" + kafka.eventsTopicName();
        var found = new LinkedHashMap<String, ControlCommand.Lanes>();
        read(
                read -> {
                    if (read.command() instanceof ControlCommand.Lanes lanes) {
                        found.put(read.key(), lanes);
                    } else {
                        found.remove(read.key());
                    }
                });
        return found.get(key);
    }

    /// The apps that are blocked now, longest first.
    List<ControlCommand.Block> blocks() {
        var blocks = new LinkedHashMap<String, ControlCommand.Block>();
        read(
                read -> {
                    if (read.command() instanceof ControlCommand.Block block) {
                        blocks.put(read.key(), block);
                    } else {
                        blocks.remove(read.key());
                    }
                });
        return new ArrayList<>(blocks.values());
    }

    private void read(Consumer<ControlCommand.Read> each) {
        var reader = kafka.reader();
        reader.read(
                reader.all(reader.partitions(Topics.CONTROL)),
                record -> {
                    try {
                        each.accept(ControlCommand.decode(record.key(), record.value()));
                    } catch (IllegalArgumentException _) {
                        // a later version's
                    }
                    return true;
                });
    }
}
