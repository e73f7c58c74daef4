package io.switchboard.schemas;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// A record on the events topic by which a process asks whether the path through it is alive. It
/// has no value, and is known by its header [#HEADER], which is also the frame that comes out at
/// the other end.
///
/// Nobody signs it: all that it can reach is the inbox `agent:_canary/<edge id>`, to which that
/// edge node alone listens, and an edge believes only what carries the number that it drew itself
/// (`by`). No app's name begins with `_`, so no event of an app gets there.
///
/// Immutable.
///
/// @param from id of the edge node that waits for it, or of a process that only tries whether
///     Kafka takes it
/// @param by drawn by the process at its start
/// @param sentMillis by the clock of the process, ms since the epoch
public record Canary(String from, long by, long sentMillis) {
    public static final String HEADER = "switchboard-canary";

    /// What nobody has heard by then is of no use; its inbox forgets it.
    public static final Duration TTL = Duration.ofSeconds(30);

    /// How often one is sent.
    public static final Duration PERIOD = Duration.ofSeconds(2);

    /// Without one for so long the path counts as dead. Longer than a dispatcher's takeover.
    public static final Duration LIMIT = Duration.ofSeconds(8);

    private static final String APP = "_canary";
    private static final int MOST_BYTES = 256;

    /// Whether this is a canary's inbox, and nobody's else.
    public static boolean owns(Address address) {
        return address.app().equals(APP);
    }

    public static Address.Agent address(String from) {
        return new Address.Agent(APP, from);
    }

    public Address.Agent address() {
        return address(from);
    }

    /// Into whichever lane the producer thinks right: for who only tries whether Kafka takes it.
    public ProducerRecord<byte[], byte[]> record(String eventsTopic) {
        var record = new ProducerRecord<byte[], byte[]>(eventsTopic, address().key(), null);
        record.headers().add(HEADER, encode());
        return record;
    }

    /// @param lanes how many the events topic has: a producer may not know yet that it grew
    public ProducerRecord<byte[], byte[]> record(String eventsTopic, int lanes) {
        var record =
                new ProducerRecord<byte[], byte[]>(
                        eventsTopic, address().partition(lanes), address().key(), null);
        record.headers().add(HEADER, encode());
        return record;
    }

    byte[] encode() {
        return "%s %x %d".formatted(from, by, sentMillis).getBytes(StandardCharsets.UTF_8);
    }

    /// Null when these bytes are none.
    public static @Nullable Canary decode(byte[] bytes) {
        if (bytes.length > MOST_BYTES) {
            return null;
        }
        var parts = new String(bytes, StandardCharsets.UTF_8).split(" ", -1);
        try {
            return parts.length == 3 && Address.UUID.matcher(parts[0]).matches()
                    ? new Canary(
                            parts[0],
                            Long.parseUnsignedLong(parts[1], 16),
                            Long.parseLong(parts[2]))
                    : null;
        } catch (NumberFormatException _) {
            return null;
        }
    }
}
