package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.Router;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The topics that a dispatcher needs, looked at before it starts: a missing one would hold up
/// everything that is written behind its first record.
final class TopicsCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TopicsCheck.class);
    private static final long WAIT_SECONDS = 30;

    /// Between an event's end and the day when somebody notices that a dispatcher was down.
    private static final Duration SPARE = Duration.ofDays(1);

    private TopicsCheck() {}

    /// @throws Failure naming what is missing
    static EventsTopic of(Admin admin, String eventsTopic) {
        var events = EventsTopic.resolve(admin, eventsTopic);
        for (var each : List.of(Topics.RECEIPTS, Topics.DEAD_LETTERS)) {
            EventsTopic.resolve(admin, each);
        }
        var acks = EventsTopic.resolve(admin, Topics.ACKS);
        if (acks.partitions() != events.partitions()) {
            throw new Failure(
                    "topic '%s' has %d partitions (expected: %d, as many as '%s'; `./switchboard topics create` makes it so)"
                            .formatted(
                                    Topics.ACKS,
                                    acks.partitions(),
                                    events.partitions(),
                                    eventsTopic));
        }
        return events;
    }

    /// Says so, loudly, when the log forgets events before their ttl does.
    static void warnOfShortRetention(Admin admin, String topic, Apps apps) {
        var kept = retention(admin, topic);
        var needed = needed(apps);
        if (kept != null && kept.compareTo(needed) < 0) {
            LOG.atError()
                    .log(
                            "Topic '{}' keeps records for {} (expected: retention.ms ≥ {}, the longest ttl and delay and a day): after a loss of Redis or a long standstill, events would be lost",
                            topic,
                            kept,
                            needed.toMillis());
        }
    }

    static Duration needed(Apps apps) {
        var longest =
                apps.routes().values().stream()
                        .map(Apps.Route::ttl)
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO);
        return longest.plus(Router.MAX_DELAY).plus(SPARE);
    }

    /// Null when records are kept for ever, or nobody says.
    private static @Nullable Duration retention(Admin admin, String topic) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try {
            var asked = admin.describeConfigs(List.of(resource)).values();
            var config =
                    Objects.requireNonNull(asked.get(resource)).get(WAIT_SECONDS, TimeUnit.SECONDS);
            var entry = config.get(TopicConfig.RETENTION_MS_CONFIG);
            if (entry == null || entry.value() == null) {
                return null;
            }
            long millis = Long.parseLong(entry.value());
            return millis < 0 ? null : Duration.ofMillis(millis);
        } catch (ExecutionException | TimeoutException e) {
            // Not allowed to look, perhaps: no reason not to work.
            LOG.atWarn().log("The retention of '{}' is not known: {}", topic, e.toString());
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while asking for the topic's retention", e);
        }
    }
}
