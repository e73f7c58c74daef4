package io.switchboard.schemas;

import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;

/// One partition of one life of the events topic; the same thing seen from three sides is a lane
/// (dispatcher), a shard (Redis) and a partition (Kafka).
///
/// The tag is the start of Kafka's topic id, so that a topic deleted and created again has other
/// lanes and other positions.
///
/// Immutable.
public record LaneId(String tag, int partition) {
    static final int TAG_LENGTH = 6;
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_-]{1,22}");

    public LaneId {
        if (!TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException(
                    "topic tag: '%s' (expected: %s)".formatted(tag, TAG));
        }
        if (partition < 0) {
            throw new IllegalArgumentException(
                    "partition: %d (expected: ≥ 0)".formatted(partition));
        }
    }

    public static String tagOf(Uuid topicId) {
        return topicId.toString().substring(0, TAG_LENGTH);
    }

    public Position position(long offset) {
        return new Position(tag, partition, offset);
    }

    public boolean holds(Position position) {
        return position.partition() == partition && position.tag().equals(tag);
    }

    @Override
    public String toString() {
        return tag + "." + partition;
    }
}
