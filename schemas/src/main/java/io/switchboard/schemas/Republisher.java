package io.switchboard.schemas;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Makes the records that our own processes write to the events topic: one target, keyed by its
/// address and so in its address's lane, with the [Origin] that says where it comes from and the
/// [Proof] over all of it. Split, due, redelivered and re-driven copies, and what the front door
/// writes, are all made here.
///
/// Thread-safe.
public final class Republisher {
    /// W3C trace context, which follows an event through all its copies.
    private static final List<String> CARRIED =
            List.of(TraceParent.HEADER, TraceParent.STATE_HEADER);

    private final String topic;
    private final int partitions;
    private final Proof proof;

    /// @param partitions of the events topic
    public Republisher(String topic, int partitions, Proof proof) {
        this.topic = topic;
        this.partitions = partitions;
        this.proof = proof;
    }

    /// @param url the route's
    /// @param target its `deliver_at` is kept: leave it out where it is no longer meant
    /// @param from headers of the record that it is made of, if there is one
    public ProducerRecord<byte[], byte[]> record(
            Origin origin, String url, Target target, @Nullable Headers from) {
        var address = target.to().in(origin.app());
        var key = address.key();
        var value = Envelope.encode(url, target, null);
        var encoded = origin.encode();
        var record =
                new ProducerRecord<byte[], byte[]>(
                        topic, address.partition(partitions), key, value);
        record.headers().add(Origin.HEADER, encoded);
        record.headers().add(Proof.HEADER, proof.sign(encoded, key, value));
        if (from != null) {
            for (var name : CARRIED) {
                var header = from.lastHeader(name);
                if (header != null) {
                    record.headers().add(header);
                }
            }
        }
        return record;
    }
}
