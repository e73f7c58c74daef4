package io.switchboard.operator;

import io.switchboard.runtime.Failure;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.Position;
import java.util.List;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Lets a lane pass over records: its own commit is written anew, with the word to store what lies
/// below a position as dropped. Each of those events ends with a receipt, none vanishes.
final class SkipTo {
    private SkipTo() {}

    /// @throws Failure when dispatchers run, or the lane has no commit of its own
    static CommitMarker ask(KafkaLink kafka, String group, Position to) {
        var topic = kafka.events();
        var partition = new TopicPartition(topic.name(), to.partition());
        var dispatchers = new Dispatchers(kafka, group);
        if (dispatchers.running()) {
            throw new Failure(
                    "group '%s' has members (expected: every dispatcher is stopped, so that nobody commits over it)"
                            .formatted(group));
        }
        var end = kafka.reader().ends(List.of(partition)).getOrDefault(partition, 0L);
        var marker = marker(dispatchers.commits().get(partition), to, end);
        dispatchers.commit(partition, new OffsetAndMetadata(marker.offset(), marker.encode()));
        return marker;
    }

    static CommitMarker marker(@Nullable OffsetAndMetadata commit, Position to, long end) {
        var marker = commit == null ? null : CommitMarker.decode(commit.metadata());
        if (commit == null || marker == null || !marker.isOf(to.lane(), commit.offset())) {
            throw new Failure(
                    "lane %s has no commit of its own (expected: a dispatcher had it before; start one and stop it again)"
                            .formatted(to.lane()));
        }
        if (to.offset() <= marker.offset() || to.offset() > end) {
            throw new Failure(
                    "--skip-to: %d (expected: behind the lane's commit at %d, and at most its end, %d)"
                            .formatted(to.offset(), marker.offset(), end));
        }
        return new CommitMarker(
                marker.tag(),
                marker.offset(),
                marker.floor(),
                marker.generation(),
                marker.redelivery(),
                to.offset(),
                marker.at());
    }
}
