package io.switchboard.operator;

import io.switchboard.runtime.Failure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/// The dispatchers' group, as Kafka's coordinator sees it.
///
/// *Used by one thread.*
final class Dispatchers {
    private final KafkaLink kafka;
    private final String group;

    Dispatchers(KafkaLink kafka, String group) {
        this.kafka = kafka;
        this.group = group;
    }

    /// Who has which partition; without the partitions that nobody has.
    Map<TopicPartition, String> owners() {
        var owners = new HashMap<TopicPartition, String>();
        try {
            var asked = kafka.admin().describeConsumerGroups(List.of(group)).describedGroups();
            kafka.get(Objects.requireNonNull(asked.get(group)), "group '%s'".formatted(group))
                    .members()
                    .forEach(
                            member ->
                                    member.assignment()
                                            .topicPartitions()
                                            .forEach(each -> owners.put(each, member.clientId())));
        } catch (Failure e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                throw e;
            }
        }
        return owners;
    }

    boolean running() {
        return !owners().isEmpty();
    }

    Map<TopicPartition, OffsetAndMetadata> commits() {
        try {
            var asked = kafka.admin().listConsumerGroupOffsets(group);
            var found = new HashMap<TopicPartition, OffsetAndMetadata>();
            kafka.get(
                            asked.partitionsToOffsetAndMetadata(group),
                            "commits of group '%s'".formatted(group))
                    .forEach(
                            (partition, commit) -> {
                                if (commit != null) {
                                    found.put(partition, commit);
                                }
                            });
            return found;
        } catch (Failure e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Map.of();
            }
            throw e;
        }
    }

    /// Only on a group without members: Kafka refuses it otherwise.
    void commit(TopicPartition partition, OffsetAndMetadata offset) {
        kafka.get(
                kafka.admin().alterConsumerGroupOffsets(group, Map.of(partition, offset)).all(),
                "a commit of group '%s'".formatted(group));
    }
}
