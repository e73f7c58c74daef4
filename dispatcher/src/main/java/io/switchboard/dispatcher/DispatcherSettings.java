package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.LaneSettings;
import java.util.regex.Pattern;

/// What a dispatcher is configured by, beside where Kafka and Redis are.
///
/// Immutable.
///
/// @param id names this process in logs, client ids and its ready line
/// @param group the consumer group that shares the lanes
public record DispatcherSettings(
        String id, String group, GroupProtocol groupProtocol, LaneSettings lane) {
    public static final String DEFAULT_GROUP = "switchboard-dispatcher";

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,48}");

    /// How the group shares partitions.
    public enum GroupProtocol {
        /// KIP-848: the broker decides on sessions and assignments.
        CONSUMER,
        /// For brokers whose minimums keep a KIP-848 session too long.
        CLASSIC
    }

    public DispatcherSettings {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("id: '%s' (expected: %s)".formatted(id, ID));
        }
        if (group.isBlank()) {
            throw new IllegalArgumentException("group: '' (expected: a name)");
        }
    }
}
