package io.switchboard.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Proof;
import io.switchboard.schemas.ReceiptLevel;
import io.switchboard.schemas.Republisher;
import io.switchboard.schemas.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/// A help desk of eight lanes, its apps file, and records of its events topic.
final class Fixture {
    static final String URL = "/worksheet/send-message";
    static final String TOKEN = "t0ken";
    static final EventsTopic TOPIC = new EventsTopic("worksheet.events", "aB3_-x", 8);
    static final Proof PROOF = new Proof(List.of(new byte[32]));
    static final Address.Agent ADA = new Address.Agent("helpdesk", "ada");
    static final Instant NOW = Instant.parse("2026-11-24T18:00:00Z");
    static final Duration TTL = Duration.ofHours(72);
    static final Apps APPS =
            new Apps(
                    Map.of(
                            "helpdesk", app("helpdesk", Apps.Status.ACTIVE, TOKEN),
                            "old", app("old", Apps.Status.BLOCKED, "other")),
                    Map.of(
                            URL,
                            new Apps.Route(
                                    URL,
                                    "WorksheetMsg",
                                    TTL,
                                    ReceiptLevel.ALL,
                                    1000,
                                    1024 * 1024,
                                    null)));

    private Fixture() {}

    private static Apps.App app(String name, Apps.Status status, String token) {
        return new Apps.App(
                name,
                status,
                Set.of("second-line"),
                List.of(Apps.sha256(token)),
                Map.of(),
                null,
                Set.of());
    }

    static Sighting.Reader reader() {
        return new Sighting.Reader(TOPIC, APPS, PROOF);
    }

    static int laneOfAda() {
        return ADA.partition(TOPIC.partitions());
    }

    static Position inAdasLane(long offset) {
        return TOPIC.laneOf(ADA).position(offset);
    }

    /// What a producer of its own wrote.
    static Sighting raw(int partition, long offset, String targets) {
        return raw(partition, offset, TOKEN, targets);
    }

    static Sighting raw(int partition, long offset, String token, String targets) {
        var value =
                "{\"url\":\"%s\",\"chat_token\":\"%s\",\"data\":[%s]}"
                        .formatted(URL, token, targets);
        return reader().read(record(partition, offset, null, value.getBytes(UTF_8), none()));
    }

    static Sighting forwarded(long offset, Origin origin, Target target) {
        var made = new Republisher(TOPIC.name(), 8, PROOF).record(origin, URL, target, null);
        return reader().read(
                        record(made.partition(), offset, made.key(), made.value(), made.headers()));
    }

    static Origin origin(Origin.Kind kind, Position first, String eventId, String redelivery) {
        return new Origin(kind, "helpdesk", first, 0, eventId, NOW.plus(TTL), redelivery);
    }

    static Target toAda(String id) {
        return new Target(
                0,
                new Target.ToAgent("ada"),
                io.switchboard.schemas.Json.object().put("type", "t"),
                id,
                null,
                null);
    }

    static Headers none() {
        return new RecordHeaders();
    }

    static ConsumerRecord<byte[], byte[]> record(
            int partition, long offset, byte[] key, byte[] value, Headers headers) {
        return new ConsumerRecord<>(
                TOPIC.name(),
                partition,
                offset,
                NOW.plusMillis(offset).toEpochMilli(),
                TimestampType.LOG_APPEND_TIME,
                0,
                0,
                key,
                value,
                headers,
                Optional.empty());
    }
}
